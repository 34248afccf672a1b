using System.Globalization;
using System.Text.RegularExpressions;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>Servers that leave out, promise, forget and renumber: no single answer decides anything, and every UID is answered for.</summary>
public sealed partial class OddServerTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData("[UIDNEXT 0]")]
    [InlineData("[UIDNEXT 4294967295]")]
    [InlineData("[NOTHING]")]
    public async Task UIDNEXT_that_means_nothing_loses_nothing(string said)
    {
        // f01: the first SELECT of a folder that was never opened.
        await using var mailbox = WatchedMailbox.Create();
        var selects = 0;
        mailbox.Faults.Rewrite = (command, text) => IsOpen(command) && Interlocked.Increment(ref selects) == 1 ? UidNext().Replace(text, said) : text;
        await mailbox.RunAsync();
        await mailbox.Account.Inbox.WaitForIdleAsync(Token);
        mailbox.Append("one", "two");
        Assert.Equal(["one", "two"], await mailbox.SubjectsAsync(2));
    }

    [Theory]
    [InlineData("UID FETCH")]
    [InlineData("UID SEARCH")]
    public async Task A_message_that_one_answer_leaves_out_is_delivered(string left)
    {
        // f03: in the answer that names the messages, and in the one that gives them.
        await using var mailbox = await WatchAsync();
        await mailbox.StopAsync();
        mailbox.Account.Inbox.AppendAll(Enumerable.Range(1, 40).Select(i => OddMessages.Plain($"{i}")));
        var omitted = 0;
        mailbox.Faults.Rewrite = (command, text) => command.Text.StartsWith(left, StringComparison.Ordinal) && text.StartsWith("* 5 FETCH", StringComparison.Ordinal) && Interlocked.Increment(ref omitted) <= 2
            ? ""
            : text.Replace(" 5 ", " ", StringComparison.Ordinal) is var without && text.StartsWith("* SEARCH", StringComparison.Ordinal) && Interlocked.Increment(ref omitted) <= 1 ? without : text;
        await mailbox.RunAsync(time: _time);
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 40, "all messages");
        Assert.Equal(Enumerable.Range(1, 40).Select(uid => (uint)uid), mailbox.Inbox.Got.Select(mail => mail.Uid).Order());
    }

    [Fact]
    public async Task A_message_that_the_server_announces_and_leaves_out_is_asked_for_by_name()
    {
        await using var mailbox = await WatchAsync();
        var omitted = 0;
        mailbox.Faults.Rewrite = (command, text) => text.StartsWith("* 2 FETCH", StringComparison.Ordinal) && Interlocked.Increment(ref omitted) == 1 ? "" : text;
        mailbox.Account.Inbox.AppendAll([OddMessages.Plain("one"), OddMessages.Plain("two"), OddMessages.Plain("three")]);
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 3, "three messages");
        Assert.Equal([1u, 2u, 3u], mailbox.Inbox.Got.Select(mail => mail.Uid).Order());
    }

    [Fact]
    public async Task An_open_message_that_is_not_shown_once_is_not_taken_for_removed()
    {
        // ResumeOmits.
        await using var mailbox = await WatchAsync();
        mailbox.Inbox.Fails = _ => true;
        mailbox.Append("one");
        await mailbox.Logs.WaitForAsync(401);
        await mailbox.StopAsync();
        mailbox.Inbox.Fails = _ => false;
        var omitted = 0;
        mailbox.Faults.Rewrite = (command, text) => text.StartsWith("* 1 FETCH", StringComparison.Ordinal) && Interlocked.Increment(ref omitted) == 1 ? "" : text;
        await mailbox.RunAsync(time: _time);
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 2, "the second call");
        Assert.False(mailbox.Logs.Has(304));
    }

    [Fact]
    public async Task An_open_message_that_is_gone_is_confirmed_gone()
    {
        await using var mailbox = await WatchAsync();
        mailbox.Inbox.Fails = _ => true;
        mailbox.Append("one");
        await mailbox.Logs.WaitForAsync(401);
        await mailbox.StopAsync();
        mailbox.Account.Inbox.Expunge(1);
        await mailbox.RunAsync(time: _time);
        await _time.PassUntilAsync(() => mailbox.Logs.Has(304), "a line that it is gone");
        Assert.Single(mailbox.Inbox.Got);
        Assert.Contains(mailbox.Server.Commands, command => command.Text.StartsWith("UID SEARCH UID 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_turns_up_late_below_others_is_delivered()
    {
        await using var mailbox = await WatchAsync();
        var hidden = true;
        mailbox.Faults.Rewrite = (_, text) => Volatile.Read(ref hidden) ? Hide(text, 2) : text;
        mailbox.Account.Inbox.AppendAll([OddMessages.Plain("one"), OddMessages.Plain("two"), OddMessages.Plain("three")]);
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 2, "two messages");
        await _time.PassAsync(TimeSpan.FromMinutes(30));
        Volatile.Write(ref hidden, false);
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 3, "the late one");
        Assert.Equal([1u, 3u, 2u], mailbox.Inbox.Got.Select(mail => mail.Uid));
        Assert.True(mailbox.Logs.Has(321));
    }

    [Fact]
    public async Task A_mailbox_restored_under_its_old_UIDVALIDITY_is_not_lost()
    {
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.Rewrite = (_, text) => UidValidity().Replace(text, "UIDVALIDITY 7");
        await mailbox.RunAsync();
        await mailbox.Account.Inbox.WaitForIdleAsync(Token);
        mailbox.Append("one", "two", "three");
        await mailbox.SubjectsAsync(3);
        await mailbox.StopAsync();
        foreach (var uid in new uint[] { 1, 2 })
            mailbox.Account.Inbox.Expunge(uid);
        mailbox.Account.Inbox.Renumber();
        mailbox.Append("four");
        await mailbox.RunAsync();
        Assert.Equal(["one", "two", "three", "four"], await mailbox.SubjectsAsync(4));
        Assert.True(mailbox.Logs.Has(302));
    }

    [Fact]
    public async Task A_message_from_the_future_does_not_hide_what_comes_before_it()
    {
        // f14.
        await using var mailbox = await WatchedMailbox.StartAsync();
        mailbox.Account.Inbox.Append(OddMessages.Plain("2099"), internalDate: new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await mailbox.SubjectsAsync(1);
        await mailbox.StopAsync();
        mailbox.Append("meanwhile");
        mailbox.Account.Inbox.Renumber();
        await mailbox.RunAsync();
        Assert.Equal(["2099", "meanwhile"], await mailbox.SubjectsAsync(2));
    }

    [Fact]
    public async Task An_old_mail_that_is_moved_in_brings_no_flood_of_what_was_there_before()
    {
        await using var mailbox = WatchedMailbox.Create();
        var now = DateTimeOffset.Now;
        for (var i = 0; i < 300; i++)
            mailbox.Account.Inbox.Append(OddMessages.Plain($"old {i}"), internalDate: now.AddDays(-10).AddMinutes(i));
        await mailbox.RunAsync();
        await mailbox.Account.Inbox.WaitForIdleAsync(Token);
        mailbox.Inbox.Fails = mail => mail.Subject == "moved";
        mailbox.Account.Inbox.Append(OddMessages.Plain("moved"), internalDate: now.AddYears(-3));
        await mailbox.Logs.WaitForAsync(401);
        await mailbox.StopAsync();
        mailbox.Account.Inbox.Renumber();
        mailbox.Inbox.Fails = _ => false;
        await mailbox.RunAsync();
        await mailbox.Account.Inbox.WaitForIdleAsync(Token);
        mailbox.Append("later");
        Assert.Equal(["moved", "moved", "later"], await mailbox.SubjectsAsync(3));
    }

    [Fact]
    public async Task What_continue_has_delivered_moves_its_marks()
    {
        await using var mailbox = await WatchedMailbox.StartAsync();
        mailbox.Append("before");
        await mailbox.SubjectsAsync(1);
        await mailbox.StopAsync();
        mailbox.Account.Inbox.AppendAll(Enumerable.Range(1, 300).Select(i => OddMessages.Plain($"{i}")));
        for (var starts = 0; starts < 3; starts++)
        {
            mailbox.Account.Inbox.Renumber();
            await mailbox.RunAsync();
            await mailbox.SubjectsAsync(301);
            await mailbox.Account.Inbox.WaitForIdleAsync(Token);
            await mailbox.StopAsync();
        }

        Assert.Equal(301, mailbox.Inbox.Got.Count);
    }

    [Fact]
    public async Task UIDVALIDITY_that_changes_with_every_EXAMINE_is_cured_by_SELECT()
    {
        // Courier, as long as nobody selects.
        await using var mailbox = WatchedMailbox.Create();
        var validity = 1000;
        mailbox.Faults.Rewrite = (command, text) => command.Text.StartsWith("SELECT", StringComparison.Ordinal)
            ? UidValidity().Replace(text, "UIDVALIDITY 7")
            : UidValidity().Replace(text, _ => $"UIDVALIDITY {Interlocked.Increment(ref validity)}");
        await mailbox.RunAsync(time: _time);
        await _time.PassUntilAsync(() => mailbox.Logs.Has(325), "a line that it is opened by SELECT");
        await mailbox.Account.Inbox.WaitForIdleAsync(Token);
        mailbox.Append("one");
        await mailbox.SubjectsAsync(1);
        Assert.Single(mailbox.Logs.Entries, entry => entry.EventId == 325);
        Assert.False(mailbox.Logs.Has(302));
    }

    [Fact]
    public async Task A_name_that_means_another_mailbox_is_noticed_at_the_renewal()
    {
        await using var mailbox = await WatchAsync();
        var selected = 0;
        // What Cyrus does when somebody deletes the folder and makes it anew: the old one stays selected, and is silent.
        mailbox.Faults.IdleWithoutPush = true;
        mailbox.Faults.Rewrite = (command, text) =>
        {
            if (IsOpen(command))
                Interlocked.Increment(ref selected);
            return UidValidity().Replace(text, "UIDVALIDITY 4711");
        };
        await _time.PassUntilAsync(() => mailbox.Logs.Has(324), "a line that it is selected anew");
        mailbox.Faults.IdleWithoutPush = false;
        await _time.PassUntilAsync(() => mailbox.Logs.Has(302), "the other mailbox");
        mailbox.Append("one");
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 1, "a message of the other mailbox");
    }

    [Theory]
    [InlineData("BAD unknown command", false)]
    [InlineData("NO disabled", false)]
    [InlineData("+ idling\r\n* BYE Server shutting down.\r\n", true)]
    public async Task A_server_that_refuses_IDLE_is_polled_and_asked_again_from_time_to_time(string answer, bool closes)
    {
        // f17.
        await using var mailbox = WatchedMailbox.Create();
        mailbox.Faults.Answer = command =>
        {
            if (command.Text != "IDLE")
                return null;
            if (closes)
                _ = Task.Delay(20, Token).ContinueWith(_ => mailbox.Faults.Disconnect(), Token, TaskContinuationOptions.None, TaskScheduler.Default);
            return new MemoryStream(System.Text.Encoding.ASCII.GetBytes(closes ? answer : $"{command.Tag} {answer}\r\n"));
        };
        await mailbox.RunAsync(options => options.PollInterval = TimeSpan.FromSeconds(2), _time);
        await _time.PassUntilAsync(() => mailbox.Logs.Has(326), "a line that IDLE is refused");
        for (var i = 1; i <= 5; i++)
        {
            mailbox.Append($"{i}");
            var took = await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == i, $"message {i}");
            Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        mailbox.Faults.Answer = null;
        await _time.PassUntilAsync(() => mailbox.Server.Commands.Count(command => command.Text == "IDLE") > 2, "IDLE again");
    }

    [Fact]
    public async Task Polling_looks_when_it_is_due_and_not_after_each_message()
    {
        await using var mailbox = WatchedMailbox.Create(new ImapTestServerOptions { Without = ["IDLE"] });
        await mailbox.RunAsync(options => options.PollInterval = TimeSpan.FromMinutes(1), _time);
        await mailbox.Logs.WaitForAsync(300);
        mailbox.Account.Inbox.AppendAll(Enumerable.Range(1, 200).Select(i => OddMessages.Plain($"{i}")));
        var before = mailbox.Server.Commands.Count;
        await _time.PassUntilAsync(() => mailbox.Inbox.Got.Count == 200, "all messages");
        await mailbox.Logs.WaitForAsync(408, 200);
        Assert.InRange(mailbox.Server.Commands.Count - before, 1, 8);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<WatchedMailbox> WatchAsync(Action<ImapIdleOptions>? configure = null) => WatchedMailbox.StartAsync(configure, _time);

    private static bool IsOpen(ImapTestCommand command) => command.Text.StartsWith("EXAMINE", StringComparison.Ordinal) || command.Text.StartsWith("SELECT", StringComparison.Ordinal);

    /// <summary>What is sent without a message, whose UID and number are the same.</summary>
    private static string Hide(string text, int number) => text.StartsWith(string.Create(CultureInfo.InvariantCulture, $"* {number} FETCH"), StringComparison.Ordinal)
        ? ""
        : text.StartsWith("* SEARCH", StringComparison.Ordinal) ? text.Replace($" {number}", "", StringComparison.Ordinal) : text;

    [GeneratedRegex(@"\[UIDNEXT \d+\]")]
    private static partial Regex UidNext();

    [GeneratedRegex(@"UIDVALIDITY \d+")]
    private static partial Regex UidValidity();
}
