using ImapTrigger.Listening;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class AskAgainTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_is_asked_after_each_pause_in_turn_and_then_not_any_more()
    {
        var ask = new AskAgain(_time, repeatLast: false, 1, 5);
        Assert.False(ask.IsDue);
        Assert.Equal((null, Hour), (ask.Left, ask.OrSooner(Hour)));
        ask.Restart();
        Assert.Equal((1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), (ask.Asked, ask.Left, ask.OrSooner(Hour)));
        Assert.False(ask.IsDue);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(ask.IsDue);
        Assert.True(ask.Next());
        Assert.False(ask.IsDue);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(3), ask.OrSooner(Hour));
        Assert.Equal(TimeSpan.FromSeconds(2), ask.OrSooner(TimeSpan.FromSeconds(2)));
        Assert.Equal(2, ask.Asked);
        Assert.False(ask.Next());
        Assert.Equal((0, null, false), (ask.Asked, ask.Left, ask.IsDue));
    }

    [Fact]
    public void Or_with_the_last_pause_for_ever()
    {
        var ask = new AskAgain(_time, repeatLast: true, 1, 5);
        for (var i = 0; i < 10; i++)
            Assert.True(ask.Next());
        Assert.Equal(TimeSpan.FromSeconds(5), ask.Left);
        ask.Stop();
        Assert.Equal((0, null), (ask.Asked, ask.Left));
    }

    [Fact]
    public void What_is_to_be_asked_now_begins_anew_afterwards()
    {
        var ask = new AskAgain(_time, repeatLast: false, 1, 5);
        ask.Next();
        ask.Next();
        ask.Now();
        Assert.True(ask.IsDue);
        Assert.Equal((0, TimeSpan.Zero), (ask.Asked, ask.OrSooner(Hour)));
        ask.Next();
        Assert.Equal(TimeSpan.FromSeconds(1), ask.Left);
    }
}
