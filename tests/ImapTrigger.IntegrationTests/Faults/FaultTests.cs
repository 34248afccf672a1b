using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>What servers do wrong, and that no message is lost or comes twice by it. The times are those of docs/reliability.md.</summary>
public sealed class FaultTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_half_open_connection_is_noticed_at_the_renewal_and_replaced()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.Freeze();
        mailbox.Append("meanwhile");
        var took = await DeliveredAsync(mailbox, "meanwhile");
        Tell("half-open", took);
        Assert.InRange(took, TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task DONE_that_is_never_answered_costs_seconds()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.DoneUnanswered = true;
        mailbox.Append("one");
        await _time.PassUntilAsync(() => mailbox.Logs.Has(305), "a failed session");
        mailbox.Faults.DoneUnanswered = false;
        var took = await DeliveredAsync(mailbox, "one");
        Tell("DONE unanswered, after the 10 s of grace", took);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_server_whose_IDLE_stays_silent_is_polled_beside_it_until_it_speaks_again()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.IdleWithoutPush = true;
        mailbox.Append("first");
        Tell("IDLE without push, first", await DeliveredAsync(mailbox, "first"));
        mailbox.Append("second");
        await DeliveredAsync(mailbox, "second");
        await _time.PassUntilAsync(() => mailbox.Logs.Has(309), "doubt");
        mailbox.Append("third");
        var polled = await DeliveredAsync(mailbox, "third");
        Tell("IDLE without push, once it is doubted", polled);
        Assert.InRange(polled, TimeSpan.Zero, TimeSpan.FromSeconds(65));

        mailbox.Faults.IdleWithoutPush = false;
        foreach (var subject in new[] { "fourth", "fifth", "sixth", "seventh" })
        {
            mailbox.Append(subject);
            await DeliveredAsync(mailbox, subject);
        }

        await _time.PassUntilAsync(() => mailbox.Logs.Has(310), "trust");
        Assert.Equal(7, mailbox.Inbox.Got.Count);
    }

    [Fact]
    public async Task A_push_that_comes_late_is_a_push()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.PushDelay = TimeSpan.FromMilliseconds(300);
        mailbox.Append("one");
        Assert.Equal(["one"], await mailbox.SubjectsAsync(1));
        Assert.False(mailbox.Logs.Has(308));
    }

    [Fact]
    public async Task A_message_that_is_announced_before_it_can_be_fetched_is_looked_for_again()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.HideNewest(3);
        mailbox.Append("one");
        var took = await DeliveredAsync(mailbox, "one");
        Tell("announced, and found by the fourth look", took);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BYE_is_heard_whether_the_server_closes_or_not(bool closes)
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.Say("* BYE Session invalidated - AccessTokenExpired");
        if (closes)
            mailbox.Faults.Disconnect();
        mailbox.Append("one");
        Tell($"BYE, {(closes ? "closed" : "not closed")}", await DeliveredAsync(mailbox, "one"));
        Assert.Contains(mailbox.Logs.Entries, entry => entry.EventId == 305 && (closes || entry.Text.Contains("AccessTokenExpired", StringComparison.Ordinal)));
        Assert.Equal(1, mailbox.Faults.OpenConnections);
    }

    [Fact]
    public async Task A_connection_may_be_cut_at_any_byte_of_a_FETCH()
    {
        await using var mailbox = await WatchAsync();
        var cuts = 0;
        for (var at = 0; at < 600; at += 13)
        {
            mailbox.Faults.CutNextFetch(at);
            mailbox.Append($"n{cuts}");
            await DeliveredAsync(mailbox, $"n{cuts++}");
        }

        Assert.Equal(Enumerable.Range(0, cuts).Select(i => $"n{i}"), mailbox.Inbox.Got.Select(mail => mail.Subject));
        Assert.True(mailbox.Logs.Entries.Count(entry => entry.EventId == 305) > 20, "The cuts hit nothing.");
    }

    [Fact]
    public async Task Answers_that_drip_byte_by_byte_are_waited_for()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.Drip = TimeSpan.FromMilliseconds(1);
        mailbox.Append("one", "two");
        Assert.Equal(["one", "two"], await mailbox.SubjectsAsync(2));
        Assert.False(mailbox.Logs.Has(305));
    }

    [Theory]
    [InlineData("* 1 EXISTS")]
    [InlineData("* 1 EXPUNGE")]
    [InlineData("* 1 FETCH (FLAGS (\\Seen))")]
    [InlineData("* OK Still here")]
    public async Task A_storm_of_notifications_changes_nothing(string line)
    {
        await using var mailbox = await WatchAsync();
        mailbox.Append("one");
        await mailbox.SubjectsAsync(1);
        for (var i = 0; i < 5000; i++)
            mailbox.Faults.Say(line);
        mailbox.Append("two");
        await DeliveredAsync(mailbox, "two");
        Assert.Equal(["one", "two"], mailbox.Inbox.Got.Select(mail => mail.Subject));
    }

    [Fact]
    public async Task A_server_that_does_not_say_UIDNEXT_is_asked_for_the_last_UID()
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Append("before");
        mailbox.Faults.WithoutUidNext = true;
        await mailbox.RunAsync(time: _time);
        await mailbox.Logs.WaitForAsync(300);
        mailbox.Append("after");
        await DeliveredAsync(mailbox, "after");
        Assert.Equal(["after"], mailbox.Inbox.Got.Select(mail => mail.Subject));
    }

    [Fact]
    public async Task A_refused_password_is_said_once_and_tried_seldom()
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.RefuseLogin = "[AUTHENTICATIONFAILED] Invalid credentials";
        await mailbox.RunAsync(time: _time);
        await _time.PassAsync(TimeSpan.FromMinutes(30));
        var logins = mailbox.Server.Commands.Count(command => command.Text is "AUTHENTICATE" or "LOGIN");
        TestContext.Current.TestOutputHelper?.WriteLine($"{logins} logins in 30 minutes.");
        Assert.InRange(logins, 2, 7);
        Assert.Single(mailbox.Logs.Entries, entry => entry is { EventId: 305, Level: LogLevel.Error });
        mailbox.Faults.RefuseLogin = null;
        await _time.PassUntilAsync(() => mailbox.Logs.Has(300), "a session");
        Assert.Equal(1, mailbox.Faults.OpenConnections);
    }

    [Theory]
    [InlineData("Request is throttled. Suggested Backoff Time: 600000 milliseconds", 10)]
    [InlineData("[UNAVAILABLE] Temporary authentication failure", 0)]
    public async Task A_server_that_asks_for_patience_gets_it_and_that_is_no_wrong_password(string text, int minutes)
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.RefuseLogin = text;
        await mailbox.RunAsync(time: _time);
        await mailbox.Logs.WaitForAsync(305);
        mailbox.Faults.RefuseLogin = null;
        var took = await _time.PassUntilAsync(() => mailbox.Logs.Has(300), "a session");
        Assert.InRange(took, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes + 1));
        Assert.DoesNotContain(mailbox.Logs.Entries, entry => entry.EventId == 305 && entry.Level > LogLevel.Warning);
    }

    [Fact]
    public async Task A_server_with_too_many_connections_is_asked_later()
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.MaxConnections = 0;
        await mailbox.RunAsync(time: _time);
        await mailbox.Logs.WaitForAsync(305);
        mailbox.Faults.MaxConnections = null;
        var took = await _time.PassUntilAsync(() => mailbox.Logs.Has(300), "a session");
        Assert.InRange(took, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("* 99999999999999999999 EXISTS")]
    [InlineData("* 1 FETCH (UID")]
    [InlineData("* 1 FETCH (FLAGS (\\Seen \\\\ \"")]
    [InlineData("*")]
    [InlineData("* VANISHED 1:4294967295")]
    [InlineData("\u0000\u0001\u00ff)(}{5}")]
    public async Task A_line_that_makes_no_sense_ends_a_session_at_most(string line)
    {
        await using var mailbox = await WatchAsync();
        mailbox.Faults.Say(line);
        mailbox.Append("one");
        await DeliveredAsync(mailbox, "one");
        Assert.Equal(["one"], mailbox.Inbox.Got.Select(mail => mail.Subject));
    }

    [Theory]
    [InlineData("endless line")]
    [InlineData("* 1 FETCH (UID 1 ENVELOPE (NIL {4294967295}\r\n")]
    [InlineData("* 1 FETCH (UID 1 BODYSTRUCTURE ({99999999999999999999}\r\n")]
    [InlineData("* SEARCH {2147483647}\r\n")]
    public async Task A_server_cannot_make_us_hold_more_than_we_take(string answer)
    {
        await using var mailbox = await WatchAsync();
        var answered = 0;
        mailbox.Faults.Answer = command => command.Text.StartsWith("UID ", StringComparison.Ordinal) && Interlocked.Increment(ref answered) <= 2
            ? answer == "endless line" ? new EndlessStream() : new MemoryStream(Encoding.ASCII.GetBytes(answer))
            : null;
        var before = GC.GetTotalAllocatedBytes();
        mailbox.Append("one");
        await DeliveredAsync(mailbox, "one");
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 400L * 1024 * 1024);
        Assert.Equal(["one"], mailbox.Inbox.Got.Select(mail => mail.Subject));
    }

    private Task<WatchedMailbox> WatchAsync() => WatchedMailbox.StartAsync(time: _time);

    private Task<TimeSpan> DeliveredAsync(WatchedMailbox mailbox, string subject) =>
        _time.PassUntilAsync(() => mailbox.Inbox.Got.Any(mail => mail.Subject == subject), $"the message '{subject}'");

    private static void Tell(string fault, TimeSpan took) => TestContext.Current.TestOutputHelper?.WriteLine($"{fault}: delivered after {took.TotalSeconds:0} s.");

    /// <summary>One line without an end.</summary>
    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'x');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
