using ImapTrigger.Listening;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class IdleOfferTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_second_refusal_in_a_row_makes_it_unusable_for_ten_minutes_then_longer_up_to_two_hours()
    {
        var offer = new IdleOffer(_time);
        Assert.True(offer.IsUsable);
        Assert.Equal(TimeSpan.Zero, offer.Refused());
        Assert.True(offer.IsUsable);
        var first = offer.Refused();
        Assert.InRange(first, TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(12));
        Assert.False(offer.IsUsable);
        _time.Advance(first - TimeSpan.FromTicks(1));
        Assert.False(offer.IsUsable);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(offer.IsUsable);
        Assert.InRange(offer.Refused(), TimeSpan.FromMinutes(16), TimeSpan.FromMinutes(24));
        for (var i = 0; i < 9; i++)
            Assert.True(offer.Refused() <= TimeSpan.FromHours(2.4));
        Assert.Equal(12, offer.Refusals);
    }

    [Fact]
    public void IDLE_that_has_held_makes_good_what_was_refused()
    {
        var offer = new IdleOffer(_time);
        offer.Refused();
        offer.Refused();
        offer.Held();
        Assert.True(offer.IsUsable);
        Assert.Equal(TimeSpan.Zero, offer.Refused());
    }
}
