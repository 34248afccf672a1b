using System.Diagnostics;
using System.Globalization;
using System.Text;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>A server that repeats what it was sent, and what is told of it: nothing of the secret, in whatever form and wherever it turns up.</summary>
public sealed class RepeatedSecretTests : IDisposable
{
    private const string Password = "s3cret\"pa\\ss%2B";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly List<string> _repeated = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>As each login sends it, in each kind of answer; what the last hold is none, and MailKit says so in its own words.</summary>
    public static MatrixTheoryData<string, string> Answers => new(
        ["AUTH=PLAIN SASL-IR", "AUTH=PLAIN", "AUTH=LOGIN SASL-IR", "AUTH=LOGIN", ""],
        [
            "{0} NO {1}", "{0} BAD Unknown command: {1}", "{0} NO [AUTHENTICATIONFAILED] {1}", "* BYE {1}", "* NO {1}\n{0} NO Done", "{0} NO \u001b[31m{1}\u202e\u0085",
            "* STATUS INBOX {1}\n{0} NO Done", "* CAPABILITY ({1})\n{0} NO Done",
        ]);

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task What_is_thrown_of_a_login_holds_no_secret(string capabilities, string answer)
    {
        await using var server = Repeating(capabilities, answer);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(server.Account() with { Password = Password }, Token));
        Check(error.ToString());
        for (Exception? e = error; e is not null; e = e.InnerException)
            Check(e.Message);
    }

    [Theory]
    [InlineData("{0} NO {1}")]
    [InlineData("* STATUS INBOX {1}\n{0} NO Done")]
    public async Task Nor_does_what_is_logged_of_it(string answer)
    {
        await using var server = Repeating("AUTH=PLAIN SASL-IR", answer);
        await using var app = await FunctionApp.StartAsync(typeof(Looking), new Inbox<ImapEvent>(), Settings(server.Account()));
        await app.Logs.WaitForAsync(305);
        foreach (var entry in app.Logs.Entries)
            Check(entry.ToString());
    }

    [Theory]
    [InlineData("EXAMINE", "{0} NO {1}")]
    [InlineData("EXAMINE", "{0} NO [NONEXISTENT] {1}")]
    [InlineData("EXAMINE", "* STATUS INBOX {1}\n{0} OK Done")]
    [InlineData("LIST", "* LIST () \"/\" s3cret\n{0} NO {1}")]
    [InlineData("UID", "{0} NO {1}")]
    [InlineData("UID", "* SEARCH {1}\n{0} OK Done")]
    [InlineData("UID", "* BYE {1}")]
    [InlineData("IDLE", "{0} NO {1}")]
    [InlineData("IDLE", "+ Waiting\n* BYE {1}")]
    public async Task Nor_does_what_is_thrown_later(string command, string answer)
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE] Ready", (tag, text) => Serve(tag, text, command, answer));
        var error = await Assert.ThrowsAsync<ImapSessionException>(async () =>
        {
            await using var session = await ImapSession.ConnectAsync(server.Account() with { Password = Password }, Token);
            await session.SelectAsync(command == "LIST" ? "Nowhere" : "INBOX", Token);
            await session.SearchAsync(0, Token);
            await session.Idle.StartAsync(Token);
            while (true)
                await session.Idle.CheckAsync(TimeSpan.FromSeconds(30), Token);
        });
        Check(error.ToString());
    }

    /// <summary>What a server says of a folder that is gone is logged as it stands (324), and what it says to a look is in the look's activity.</summary>
    [Fact]
    public async Task Nor_do_a_line_of_the_server_s_and_an_activity()
    {
        var activities = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ImapTrigger",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var idles = 0;
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE] Ready", (tag, text) =>
            text.StartsWith("UID", StringComparison.Ordinal) && idles > 0 ? Serve(tag, text, "UID", "{0} NO {1}") : text == "IDLE" && ++idles > 0 ? Serve(tag, text, "IDLE", "+ Waiting\n* NO {1} was deleted")
            // There is something to look for.
            : text.StartsWith("EXAMINE", StringComparison.Ordinal) && idles > 0 ? $"* 1 EXISTS\n* OK [UIDVALIDITY 1] Valid\n* OK [UIDNEXT 2] Next\n{tag} OK [READ-ONLY] Done" : Serve(tag, text, "-", ""));
        await using (var app = await FunctionApp.StartAsync(typeof(Looking), new Inbox<ImapEvent>(), Settings(server.Account())))
        {
            await app.Logs.WaitForAsync(324);
            await app.Logs.WaitForAsync(305);
            foreach (var entry in app.Logs.Entries)
                Check(entry.ToString());
        }

        Assert.Contains(activities, activity => activity.StatusDescription?.Contains("***", StringComparison.Ordinal) == true);
        foreach (var activity in activities)
            Check($"{activity.StatusDescription} {string.Join(' ', activity.TagObjects.Select(tag => tag.Value))}");
    }

    [Fact]
    public async Task Nor_does_an_update_hold_it()
    {
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE] Ready", (tag, text) => Serve(tag, text, "IDLE", "+ Waiting\n* OK Still here, {1}"));
        await using var session = await ImapSession.ConnectAsync(server.Account() with { Password = Password }, Token);
        await session.SelectAsync("INBOX", Token);
        await session.Idle.StartAsync(Token);
        var update = Assert.IsType<RawUpdate>(Assert.Single(await session.Idle.CheckAsync(TimeSpan.FromSeconds(30), Token)));
        Assert.Equal("* OK Still here, AUTHENTICATE PLAIN *** *** ***", update.Line);
    }

    public void Dispose() => _state.Delete(recursive: true);

    private ScriptedServer Repeating(string capabilities, string answer)
    {
        var (first, sent) = ("", "");
        return new ScriptedServer($"* OK [CAPABILITY IMAP4rev1 {capabilities}] Ready", (tag, command) =>
        {
            // A line alone is what was asked for by a "+".
            sent = command.Length == 0 ? $"{sent} {tag}" : command;
            first = command.Length == 0 ? first : tag;
            var asks = (sent.StartsWith("AUTHENTICATE PLAIN", StringComparison.Ordinal) && sent.Split(' ').Length < 3)
                || (sent.StartsWith("AUTHENTICATE LOGIN", StringComparison.Ordinal) && sent.Split(' ').Length < 4);
            return asks ? "+ " : string.Format(CultureInfo.InvariantCulture, answer, first, $"{sent} {Password} {Convert.ToBase64String(Encoding.UTF8.GetBytes(Password))}");
        });
    }

    private static string? Serve(string tag, string text, string command, string answer)
    {
        if (text.StartsWith(command, StringComparison.Ordinal))
            return string.Format(CultureInfo.InvariantCulture, answer, tag, $"AUTHENTICATE PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0ann\0{Password}"))} {Password} {Convert.ToBase64String(Encoding.UTF8.GetBytes(Password))}");
        return text.Split(' ')[0] switch
        {
            "LIST" => $"* LIST () \"/\" INBOX\n{tag} OK Done",
            "EXAMINE" => $"* 0 EXISTS\n* OK [UIDVALIDITY 1] Valid\n* OK [UIDNEXT 1] Next\n{tag} OK [READ-ONLY] Done",
            "UID" => $"* SEARCH\n{tag} OK Done",
            "IDLE" => "+ Waiting",
            "LOGOUT" => $"* BYE Good bye\n{tag} OK Bye",
            "" => null,
            _ => $"{tag} OK Done",
        };
    }

    private static void Check(string told)
    {
        Assert.DoesNotContain("s3cret", told, StringComparison.OrdinalIgnoreCase);
        foreach (var blob in new[] { Password, $"\0ann\0{Password}" })
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(blob))[..^4], told, StringComparison.Ordinal);
        Assert.DoesNotContain(told, c => c is '\u001b' or '\u0085' or '\u202e');
    }

    private IEnumerable<KeyValuePair<string, string?>> Settings(ImapAccount account) =>
    [
        new("Imap:host", account.Host), new("Imap:port", account.Port!.Value.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", Password),
        new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
    ];

    private sealed class Looking(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
