using ImapTrigger.Listening;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Listening;

public sealed class NewMessagesTests
{
    private static readonly DateTimeOffset Since = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);
    private readonly NewMessages _new = new(Since, RecentMessages.Of([MessageIdentity.Of("known", 100, Since)]));

    [Fact]
    public void What_came_up_to_five_minutes_before_the_last_may_be_new()
    {
        Assert.True(_new.MayContain(Since - Slack));
        Assert.False(_new.MayContain(Since - Slack - Second));
        Assert.True(_new.MayContain(null));
        Assert.True(new NewMessages(null, RecentMessages.None).MayContain(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void What_was_delivered_is_not()
    {
        Assert.False(_new.Contains("known", 100, Since));
        Assert.True(_new.Contains("known", 101, Since));
        Assert.True(_new.Contains("other", 100, Since));
        Assert.False(_new.Contains("other", 100, Since - Slack - Second));
    }

    [Fact]
    public void Without_a_Message_ID_the_date_decides_alone()
    {
        Assert.False(_new.Contains(null, 100, Since));
        Assert.True(_new.Contains(null, 100, Since + Second));
        Assert.True(_new.Contains(null, 100, null));
        Assert.True(new NewMessages(null, RecentMessages.None).Contains(null, 100, DateTimeOffset.UnixEpoch));
    }
}
