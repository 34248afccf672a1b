using ImapTrigger.Imap;
using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>A line of the log names its mailbox once.</summary>
public sealed class NamedOnceTests
{
    [Fact]
    public void What_went_wrong_is_told_without_the_account_that_the_line_has_named()
    {
        var account = new ImapAccount { Host = "127.0.0.1", Port = 45305, UserName = "ann", Password = "secret" };
        using var tap = new ProtocolTap(TimeProvider.System);
        var e = new ImapErrors(account, tap, () => true).Translate(new IOException("Broken pipe"), ImapStep.Command, "begin IDLE");
        Assert.StartsWith("ann at 127.0.0.1:45305: ", e.Message, StringComparison.Ordinal);
        Assert.Equal("could not begin IDLE. The connection broke.", new MailboxSource(account, "INBOX").Told(e));
    }
}
