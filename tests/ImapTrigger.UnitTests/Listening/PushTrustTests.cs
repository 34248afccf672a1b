using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

public sealed class PushTrustTests
{
    [Fact]
    public void Two_misses_in_a_row_raise_doubt_and_three_announcements_in_a_row_end_it()
    {
        var trust = new PushTrust();
        // One may be mail that came between DONE and the look.
        Assert.False(trust.Found(announced: false));
        Assert.False(trust.Found(announced: true));
        Assert.False(trust.Found(announced: false));
        Assert.False(trust.IsDoubted);
        Assert.True(trust.Found(announced: false));
        Assert.True(trust.IsDoubted);

        Assert.False(trust.Found(announced: false));
        Assert.False(trust.Found(announced: true));
        Assert.False(trust.Found(announced: true));
        Assert.False(trust.Found(announced: false));
        Assert.False(trust.Found(announced: true));
        Assert.False(trust.Found(announced: true));
        Assert.True(trust.IsDoubted);
        Assert.True(trust.Found(announced: true));
        Assert.False(trust.IsDoubted);
    }
}
