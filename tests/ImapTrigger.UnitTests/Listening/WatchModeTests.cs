using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

public sealed class WatchModeTests
{
    private readonly LogLines _log = new();

    [Fact]
    public void Each_change_is_said_and_none_twice()
    {
        using (var mode = new WatchMode(new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX"), _log))
        {
            mode.Enter(canIdle: true, doubted: false, 7);
            mode.Enter(canIdle: true, doubted: false, 8);
            mode.Enter(canIdle: true, doubted: true, 8);
            mode.Enter(canIdle: true, doubted: true, 8);
            mode.Enter(canIdle: true, doubted: false, 8);
            mode.Enter(canIdle: false, doubted: false, 9);
            mode.Enter(canIdle: true, doubted: true, 9);
        }

        Assert.Equal([300, 309, 310, 300, 300], _log.All.Select(line => line.EventId));
        Assert.Equal(["idle", "polling", "idle+polling"], _log.All.Where(line => line.EventId == 300).Select(line => Mode(line.Text)));
    }

    private static string Mode(string text) => text.Contains("idle+polling", StringComparison.Ordinal) ? "idle+polling" : text.Contains("polling", StringComparison.Ordinal) ? "polling" : "idle";
}
