using System.Globalization;
using System.Text;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.Testing;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>After-actions on connections that break in the middle, and on servers that ask for patience: done once, whatever it takes, and not given up at once.</summary>
public sealed class AfterActionFaultTests : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private ImapTestServer? _server;

    [Theory]
    [InlineData("MOVE", "UID COPY")]
    [InlineData("MOVE", "UID STORE")]
    [InlineData("MOVE", "UID EXPUNGE")]
    [InlineData("MOVE UIDPLUS", "COPY")]
    [InlineData("MOVE UIDPLUS", "UID STORE")]
    [InlineData("", "UID MOVE")]
    public async Task A_move_whose_connection_breaks_three_times_in_the_middle_leaves_one_message(string without, string command)
    {
        var account = Start(without);
        account.AddFolder("Done");
        var broken = 0;
        // It has been done, and its answer does not come.
        _server!.Faults.Rewrite = (sent, text) => sent.Text.StartsWith(command, StringComparison.Ordinal) && ++broken <= 3 ? null : text;
        await using var app = await StartAsync("move:Done");
        account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(408);
        Assert.True(broken >= 3 || command is "UID COPY" or "COPY", $"broken {broken} times");
        Assert.False(app.Logs.Has(406));
        Assert.Single(Done(account).Messages);
        if (without.Contains("UIDPLUS", StringComparison.Ordinal))
            Assert.Contains(@"\Deleted", Assert.Single(account.Inbox.Messages).Flags);
        else
            Assert.Empty(account.Inbox.Messages);
    }

    /// <summary>The copy of another message is none: the same Message-ID and size, another date; or no Message-ID at all.</summary>
    [Fact]
    public async Task What_only_looks_like_the_copy_is_none()
    {
        var account = Start("MOVE");
        var done = account.AddFolder("Done");
        done.Append(OddMessages.Plain("one"), internalDate: DateTimeOffset.UtcNow.AddDays(-1));
        done.Append(OddMessages.Plain("two"));
        var broken = 0;
        // Nothing has been done.
        _server!.Faults.Answer = sent => sent.Text.StartsWith("UID COPY", StringComparison.Ordinal) && ++broken <= 1 ? Cut() : null;
        await using var app = await StartAsync("move:Done");
        account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(408);
        Assert.Equal(3, done.Messages.Count);
        Assert.Empty(account.Inbox.Messages);
    }

    [Fact]
    public async Task The_next_owner_looks_for_the_copy_too()
    {
        var account = Start("MOVE");
        account.AddFolder("Done");
        var copied = new TaskCompletionSource();
        _server!.Faults.Rewrite = (sent, text) =>
        {
            if (!sent.Text.StartsWith("UID COPY", StringComparison.Ordinal))
                return text;
            copied.TrySetResult();
            return null;
        };
        await using (var app = await StartAsync("move:Done"))
        {
            account.Inbox.Append(OddMessages.Plain("one"));
            await copied.Task.WaitAsync(TestContext.Current.CancellationToken);
        }

        _server.Faults.Rewrite = null;
        await using var next = await StartAsync("move:Done");
        await next.Logs.WaitForAsync(408);
        Assert.Single(Done(account).Messages);
        Assert.Empty(account.Inbox.Messages);
    }

    [Theory]
    [InlineData("seen", "UID STORE", "NO [UNAVAILABLE] The disk is away")]
    [InlineData("seen", "UID STORE", "NO [INUSE] Mailbox is locked")]
    [InlineData("seen", "UID STORE", "NO [LIMIT] Slow down")]
    [InlineData("keyword:Done", "UID STORE", "NO Server busy, try again later")]
    [InlineData("move:Done", "UID MOVE", "NO [UNAVAILABLE] The disk is away")]
    [InlineData("delete", "UID EXPUNGE", "NO [INUSE] Mailbox is locked")]
    public async Task A_server_that_asks_for_patience_gets_it(string action, string command, string refusal)
    {
        var account = Start("");
        account.AddFolder("Done");
        var refused = 0;
        _server!.Faults.Answer = sent => sent.Text.StartsWith(command, StringComparison.Ordinal) && ++refused <= 2 ? Lines($"{sent.Tag} {refusal}") : null;
        await using var app = await StartAsync(action);
        account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(408);
        Assert.False(app.Logs.Has(406));
        Assert.True(app.Logs.Has(416));
        Assert.Equal(action is "move:Done" or "delete" ? 0 : 1, account.Inbox.Messages.Count);
        if (action == "move:Done")
            Assert.Single(Done(account).Messages);
        else if (action != "delete")
            Assert.Contains(action == "seen" ? @"\Seen" : "Done", account.Inbox.Messages[0].Flags);
    }

    [Theory]
    [InlineData("NO [OVERQUOTA] Full")]
    [InlineData("NO [CANNOT] Never")]
    [InlineData("NO [SERVERBUG] Oh")]
    public async Task What_does_not_pass_by_itself_is_refused_at_once(string refusal)
    {
        var account = Start("");
        _server!.Faults.Answer = sent => sent.Text.StartsWith("UID STORE", StringComparison.Ordinal) ? Lines($"{sent.Tag} {refusal}") : null;
        await using var app = await StartAsync("seen");
        account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(408);
        Assert.True(app.Logs.Has(406));
        Assert.False(app.Logs.Has(416));
    }

    /// <summary>The call waits for its message, the line for its call, and the session for the line.</summary>
    [Fact]
    public async Task UIDVALIDITY_that_changes_while_a_call_waits_for_its_message_blocks_nothing()
    {
        var account = Start("");
        var inbox = new Inbox<MimeMessage>();
        var changed = 0;
        _server!.Faults.Answer = sent =>
        {
            // The raw message is asked for; the answer is the end of the connection, and the next one finds another folder.
            if (!sent.Text.Contains("BODY.PEEK[]", StringComparison.Ordinal) || Interlocked.Exchange(ref changed, 1) != 0)
                return null;
            account.Inbox.Renumber();
            return Cut();
        };
        await using var app = await StartAsync("none", typeof(Whole), inbox);
        account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(302);
        account.Inbox.Append(OddMessages.Plain("two"));
        await inbox.WaitUntilAsync(got => got.Any(mail => mail.Subject == "two"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private ImapTestAccount Start(string without)
    {
        _server = ImapTestServer.Start(new ImapTestServerOptions { Without = without.Split(' ', StringSplitOptions.RemoveEmptyEntries) });
        return _server.AddAccount("ann", "secret");
    }

    private static ImapTestFolder Done(ImapTestAccount account) => account.Folders.Single(folder => folder.Name == "Done");

    private static MemoryStream Lines(string text) => new(Encoding.ASCII.GetBytes($"{text}\r\n"));

    private MemoryStream Cut()
    {
        _server!.Faults.Disconnect();
        return new MemoryStream();
    }

    private async Task<FunctionApp> StartAsync(string action, Type? functions = null, object? inbox = null) => await (await FunctionApp.StartAsync(
        functions ?? typeof(Acting),
        inbox ?? new Inbox<ImapEvent>(),
        [
            new("Imap:host", _server!.Host), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", "secret"),
            new("ON_SUCCESS", action), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
        ])).WatchingAsync();

    private sealed class Acting(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnSuccess = "%ON_SUCCESS%")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Whole(Inbox<MimeMessage> inbox)
    {
        public void OnMail([ImapIdleTrigger] MimeMessage mail) => inbox.Add(mail);
    }
}
