using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>A server that cannot serve says nothing of the message that was asked for meanwhile.</summary>
public sealed class PatientFetchTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    /// <summary>One mail, alone in its folder, and more refusals than a message that breaks its fetch has tries.</summary>
    [Theory]
    [InlineData("{0} NO [UNAVAILABLE] The backend is down")]
    [InlineData("{0} NO [INUSE] Mailbox is locked")]
    [InlineData("{0} NO [LIMIT] Too many commands")]
    [InlineData("{0} NO Server busy, try again later")]
    [InlineData("{0} BAD Request is throttled. Suggested Backoff Time: 30000 milliseconds")]
    [InlineData("* BYE [UNAVAILABLE] Going down")]
    [InlineData("* BYE Too many simultaneous connections")]
    public async Task A_message_is_not_put_aside_for_a_server_that_asks_for_patience(string answer)
    {
        await using var mailbox = WatchedMailbox.Create();
        // Who is throttled waits longer each time.
        var (refused, most) = (0, answer.Contains("throttled", StringComparison.Ordinal) || answer.Contains("simultaneous", StringComparison.Ordinal) ? 3 : 12);
        var refuses = false;
        mailbox.Faults.Answer = command =>
        {
            if (!refuses || refused >= most || !command.Text.StartsWith("UID FETCH", StringComparison.Ordinal))
                return null;
            refused++;
            if (answer.StartsWith("* BYE", StringComparison.Ordinal))
                _ = Task.Delay(20).ContinueWith(_ => mailbox.Faults.Disconnect(), TaskScheduler.Default);
            return new MemoryStream(Encoding.ASCII.GetBytes(answer.Replace("{0}", command.Tag, StringComparison.Ordinal) + "\r\n"));
        };
        await mailbox.RunAsync(time: _time);
        await mailbox.Logs.WaitForAsync(300);
        refuses = true;
        mailbox.Append("one");
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count > 0, "the mail");
        var mail = Assert.Single(mailbox.Inbox.Got);
        Assert.Equal(("one", true), (mail.Subject, mail.Complete));
        Assert.Equal(most, refused);
        Assert.False(mailbox.Logs.Has(404));
    }

    /// <summary>Where the server gives others and refuses this one each time, in whatever words, it is the message.</summary>
    [Fact]
    public async Task One_that_is_refused_while_others_come_is_put_aside_nevertheless()
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Append("old");
        mailbox.Faults.Answer = command => command.Text.StartsWith("UID FETCH 2 ", StringComparison.Ordinal) || command.Text.StartsWith("UID FETCH 2:", StringComparison.Ordinal)
            ? new MemoryStream(Encoding.ASCII.GetBytes($"{command.Tag} NO [UNAVAILABLE] Not this one\r\n"))
            : null;
        await mailbox.RunAsync(time: _time);
        await mailbox.Logs.WaitForAsync(300);
        mailbox.Append("bad");
        await _time.PassUntilAsync(() => mailbox.Logs.Has(404), "poison");
        mailbox.Append("good");
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Any(mail => mail.Subject == "good"), "the mail behind it");
    }
}
