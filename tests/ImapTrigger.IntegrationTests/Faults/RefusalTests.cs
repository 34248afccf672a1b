using System.Globalization;
using System.Text;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>What servers refuse once we are in: folders, after-actions, single messages; and how far each refusal reaches.</summary>
public sealed class RefusalTests : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ImapTestAccount _ann;
    private readonly ImapTestAccount _bob;
    private readonly Inbox<ImapEvent> _inbox = new();

    public RefusalTests()
    {
        _ann = _server.AddAccount("ann", "secret");
        _bob = _server.AddAccount("bob", "secret");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Case f10.</summary>
    [Theory]
    [InlineData("seen")]
    [InlineData("keyword:Done")]
    [InlineData("move:Done")]
    [InlineData("delete")]
    public async Task ReadOnly2_an_action_in_a_folder_that_may_only_be_read_is_refused_at_once_and_the_session_stays(string action)
    {
        _ann.AddFolder("Done");
        _server.Faults.ReadOnly = true;
        await using var app = await StartAsync(action, Settings("ann"));
        _ann.Inbox.AppendAll([OddMessages.Plain("one"), OddMessages.Plain("two"), OddMessages.Plain("three"), OddMessages.Plain("four")]);
        await app.Logs.WaitForAsync(408, times: 4);
        Assert.Equal(4, app.Logs.Entries.Count(entry => entry is { EventId: 406, Level: LogLevel.Error } && entry.Text.Contains("read-only", StringComparison.Ordinal)));
        Assert.False(app.Logs.Has(305));
        Assert.DoesNotContain(_server.Commands, command => command.Text.Contains("STORE", StringComparison.Ordinal) || command.Text.Contains("MOVE", StringComparison.Ordinal));
    }

    /// <summary>Case f10, on the real one.</summary>
    [Fact]
    public async Task ReadOnly2_on_a_Dovecot_whose_account_may_only_read()
    {
        // Where Dovecot's own user may read it.
        var rights = Path.Combine(Path.GetTempPath(), $"imaptrigger-rights-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(rights, "* owner lr\n", Token);
        await using var dovecot = new DovecotServer { Configured = $"mail_plugins = acl\nplugin {{\n  acl = vfile:{rights}\n}}" };
        await dovecot.InitializeAsync();
        await using var app = await StartAsync("seen", dovecot.Settings("ann"));
        await dovecot.DeliverAsync("ann", [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(408, times: 2);
        Assert.Equal(2, app.Logs.Entries.Count(entry => entry.EventId == 406));
        Assert.False(app.Logs.Has(305));
        File.Delete(rights);
    }

    [Fact]
    public async Task What_the_server_keeps_not_is_not_reported_as_done()
    {
        await using var server = Selecting("* OK [PERMANENTFLAGS (\\Deleted)] Only that", "OK [READ-WRITE] Done");
        await using var session = await ImapSession.ConnectAsync(server.Account(), Token);
        Assert.False((await session.SelectAsync("INBOX", writable: true, Token)).IsReadOnly);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.AddFlagAsync(1, keyword: null, Token));
        Assert.Equal(ImapSessionError.CommandRefused, error.Error);
        Assert.Contains(@"\Seen", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("* OK [PERMANENTFLAGS ()] None", "OK [READ-WRITE] Done", true)]
    [InlineData("* OK [PERMANENTFLAGS (\\Seen)] One", "OK [READ-ONLY] Done", true)]
    [InlineData("* OK Nothing more", "OK [READ-WRITE] Done", false)]
    [InlineData("* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] All", "OK Done", false)]
    public async Task A_folder_is_as_writable_as_the_server_says_and_open_though_it_does_not_say(string permanent, string tagged, bool isReadOnly)
    {
        await using var server = Selecting(permanent, tagged);
        await using var session = await ImapSession.ConnectAsync(server.Account(), Token);
        Assert.Equal(isReadOnly, (await session.SelectAsync("INBOX", writable: true, Token)).IsReadOnly);
        // MailKit takes a folder whose access the server does not name for closed.
        Assert.Empty(await session.SearchAsync(0, Token));
    }

    [Theory]
    [InlineData("NO [LIMIT] At most 32 flags in one mailbox supported")]
    [InlineData("NO Too many flags, try again later")]
    [InlineData("BAD Too many connections are mentioned in this message")]
    public async Task Words_about_one_message_throttle_nobody(string refusal)
    {
        _server.Faults.Answer = command => command.Text.StartsWith("UID STORE", StringComparison.Ordinal) ? Lines($"{command.Tag} {refusal}") : null;
        await using var app = await StartAsync("seen", Settings("ann"));
        _ann.Inbox.AppendAll([OddMessages.Plain("one"), OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(408, times: 2);
        Assert.Equal(2, app.Logs.Entries.Count(entry => entry.EventId == 406));
        Assert.False(app.Logs.Has(305));
    }

    [Fact]
    public async Task A_host_that_has_had_enough_of_one_mailbox_is_left_alone_by_the_others()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync("none", Settings("bob", "Imap:0").Concat(Settings("ann", "Imap:1")), time);
        await app.Logs.WaitForAsync(300, times: 2);
        await Task.WhenAll(_ann.Inbox.WaitForIdleAsync(Token), _bob.Inbox.WaitForIdleAsync(Token));
        _server.Faults.Answer = command => command.UserName == "ann" ? Lines($"{command.Tag} BAD Request is throttled. Suggested Backoff Time: 60000 milliseconds") : null;
        _ann.Inbox.Append(OddMessages.Plain("for ann"));
        await app.Logs.WaitForAsync(305);
        Assert.Contains(app.Logs.Entries, entry => entry is { EventId: 305, Level: LogLevel.Warning } && entry.Text.Contains("asks for patience", StringComparison.Ordinal));
        _server.Faults.Disconnect();
        _bob.Inbox.Append(OddMessages.Plain("for bob"));
        var took = await time.PassUntilAsync(() => _inbox.Got.Count == 1, "mail for bob");
        Assert.InRange(took, TimeSpan.FromSeconds(59), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_BYE_in_the_middle_of_a_FETCH_is_a_lost_connection_with_the_server_s_words()
    {
        var said = 0;
        _server.Faults.Answer = command =>
        {
            if (!command.Text.StartsWith("UID FETCH", StringComparison.Ordinal) || Interlocked.Exchange(ref said, 1) != 0)
                return null;
            _ = Task.Delay(50).ContinueWith(_ => _server.Faults.Disconnect(), TaskScheduler.Default);
            return Lines("* BYE FETCH failed: Internal error occurred. Refer to server log for more information.");
        };
        await using var app = await StartAsync("none", Settings("ann"));
        _ann.Inbox.Append(OddMessages.Plain("one"));
        await _inbox.WaitForAsync(1);
        var lost = app.Logs.Entries.First(entry => entry.EventId == 305);
        // One message may be why: it is looked for at once, and no mailbox is down.
        Assert.Equal(LogLevel.Information, lost.Level);
        Assert.Contains("closed the connection (\"FETCH failed: Internal error occurred.", lost.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO [UNAVAILABLE] The disk is away", ImapSessionError.ServerUnavailable, "cannot serve now")]
    [InlineData("NO [INUSE] By POP3", ImapSessionError.ServerUnavailable, "cannot serve now")]
    [InlineData("NO [SERVERBUG] Oh", ImapSessionError.ServerUnavailable, "cannot serve now")]
    [InlineData("NO [NOPERM] Not yours", ImapSessionError.FolderUnavailable, "rights")]
    [InlineData("NO [NONEXISTENT] Gone", ImapSessionError.FolderUnavailable, "There are: 'INBOX', 'Archive/2026'.")]
    [InlineData("NO [TRYCREATE] Make it", ImapSessionError.FolderUnavailable, "There are: 'INBOX', 'Archive/2026'.")]
    public async Task A_refused_SELECT_keeps_its_meaning(string refusal, ImapSessionError expected, string text)
    {
        _ann.AddFolder("Archive/2026");
        _server.Faults.Answer = command => command.Text.StartsWith("EXAMINE", StringComparison.Ordinal) ? Lines($"{command.Tag} {refusal}") : null;
        await using var session = await ImapSession.ConnectAsync(Account("ann"), Token);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.SelectAsync("Archive/2026", Token));
        Assert.Equal(expected, error.Error);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_there_is_not_is_told_with_those_that_there_are()
    {
        _ann.AddFolder("Archive/2026");
        await using var session = await ImapSession.ConnectAsync(Account("ann"), Token);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => session.SelectAsync("archive.2026", Token));
        Assert.Equal(ImapSessionError.FolderUnavailable, error.Error);
        Assert.EndsWith("Did you mean 'Archive/2026'? Levels are separated by '/'. There are: 'INBOX', 'Archive/2026'.", error.Message, StringComparison.Ordinal);
        // Nothing is broken by it.
        Assert.Equal("Archive/2026", (await session.SelectAsync("Archive/2026", Token)).Name);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    /// <summary>Lets in whoever comes, and opens an empty INBOX in its own way.</summary>
    private static ScriptedServer Selecting(string permanent, string tagged) =>
        new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Ready", (tag, command) => command.Split(' ')[0] switch
        {
            "CAPABILITY" => $"* CAPABILITY IMAP4rev1\n{tag} OK Done",
            "LIST" => $"* LIST () \"/\" INBOX\n{tag} OK Done",
            "SELECT" => $"* 0 EXISTS\n* OK [UIDVALIDITY 1] Valid\n* OK [UIDNEXT 1] Next\n{permanent}\n{tag} {tagged}",
            "UID" => $"* SEARCH\n{tag} OK Done",
            "LOGOUT" => $"* BYE Good bye\n{tag} OK Bye",
            _ => $"{tag} OK Done",
        });

    private static MemoryStream Lines(string text) => new(Encoding.ASCII.GetBytes($"{text}\r\n"));

    private ImapAccount Account(string user) => new() { Host = _server.Host, Port = _server.Port, Security = ImapSecurity.None, UserName = user, Password = "secret" };

    private IEnumerable<KeyValuePair<string, string?>> Settings(string user, string section = "Imap") =>
    [
        new($"{section}:host", _server.Host), new($"{section}:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new($"{section}:security", "none"),
        new($"{section}:userName", user), new($"{section}:password", "secret"),
    ];

    private async Task<FunctionApp> StartAsync(string action, IEnumerable<KeyValuePair<string, string?>> settings, TimeProvider? time = null)
    {
        var app = await FunctionApp.StartAsync(
            action == "none" ? typeof(Looking) : typeof(Acting), _inbox, [.. settings, new("ON_SUCCESS", action), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)], time: time);
        return time is null ? await app.WatchingAsync() : app;
    }

    private sealed class Acting(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnSuccess = "%ON_SUCCESS%")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Looking(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
