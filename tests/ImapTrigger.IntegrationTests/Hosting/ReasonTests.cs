using ImapTrigger.IntegrationTests.Faults;

namespace ImapTrigger.IntegrationTests.Hosting;

public sealed class ReasonTests
{
    [Fact]
    public async Task The_host_s_own_line_names_the_mail_with_which_a_call_begins()
    {
        await using var mailbox = await WatchedMailbox.StartAsync();
        mailbox.Append("hello");
        await mailbox.Inbox.WaitForAsync(1);
        Assert.Contains(mailbox.Logs.Entries, entry => entry.Text.StartsWith("Executing 'Functions.OnMail' (Reason='mail 1 in INBOX', ", StringComparison.Ordinal));
    }
}
