using System.Text.Json;
using Azure.Storage.Blobs;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Mailboxes;

/// <summary>Mailboxes come, go and change while a host runs: by its settings, by a blob, by a source of its own.</summary>
public sealed class MailboxSetTests(AzuriteServer azurite) : IClassFixture<AzuriteServer>, IAsyncDisposable
{
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly Inbox<ImapEvent> _inbox = new();
    private readonly string _name = $"set-{Guid.NewGuid():N}";
    private readonly Dictionary<string, ImapTestFolder> _inboxes = [];
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-sets-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_that_reload_touch_only_what_they_change()
    {
        foreach (var user in new[] { "ann", "bob", "cy" })
            Add(user, $"of-{user}");
        var settings = new Dictionary<string, string?>
        {
            ["Customers:host"] = _server.Host, ["Customers:port"] = $"{_server.Port}", ["Customers:security"] = "none",
            ["Customers:mailboxes:0:userName"] = "ann", ["Customers:mailboxes:0:password"] = "of-ann", ["Customers:mailboxes:0:tag"] = "tenant-17",
            ["Customers:mailboxes:1:userName"] = "bob", ["Customers:mailboxes:1:password"] = "of-bob",
            ["Customers:mailboxes:2:userName"] = "dan", ["Customers:mailboxes:2:password"] = "of-dan", ["Customers:mailboxes:2:port"] = "0",
        };
        var source = new ReloadingSource(settings);
        await using var app = await StartAsync(configuration: source);
        await app.Logs.WaitForAsync(300, 2);
        Assert.Contains("'Customers__mailboxes__2__port' must be a number", Assert.Single(app.Logs.Entries, entry => entry is { EventId: 103, Level: LogLevel.Error }).Text, StringComparison.Ordinal);
        Deliver("ann", "1");
        Assert.Equal("tenant-17", (await _inbox.WaitForAsync(1))[0].Tag);

        settings["Customers:mailboxes:1:userName"] = "cy";
        settings["Customers:mailboxes:1:password"] = "of-cy";
        source.Reload();
        await app.Logs.WaitForAsync(300, 3);
        Deliver("cy", "2");
        Deliver("bob", "missed meanwhile");
        Assert.Null((await _inbox.WaitForAsync(2))[1].Tag);

        // It goes on where it was: what came meanwhile is delivered, and what was delivered is not.
        settings["Customers:mailboxes:3:userName"] = "bob";
        settings["Customers:mailboxes:3:password"] = "of-bob";
        source.Reload();
        Assert.Equal("missed meanwhile", (await _inbox.WaitForAsync(3))[2].Subject);
        Assert.Equal(1, SessionsOf("ann"));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 202 or 206);
    }

    [Fact]
    public async Task A_password_that_is_rotated_reconnects_that_mailbox_alone_and_a_wrong_one_keeps_nobody_else_shut()
    {
        foreach (var user in new[] { "ann", "bob" })
            Add(user, $"of-{user}");
        var source = new ListedMailboxes();
        source.Say([Mailbox("ann", "of-ann"), Mailbox("bob", "wrong")]);
        await using var app = await StartAsync(source);
        await app.Logs.WaitForAsync(305);
        await app.Logs.WaitForAsync(300);
        // The server's dates are of whole seconds.
        _inboxes["bob"].Append(OddMessages.Plain("since then"), internalDate: DateTimeOffset.Now.AddSeconds(2));
        Deliver("ann", "1");
        Assert.Equal("ann", (await _inbox.WaitForAsync(1))[0].Account);

        source.Say([Mailbox("ann", "of-ann"), Mailbox("bob", "of-bob")]);
        // "From now on" was when it came into the list, whatever its password.
        Assert.Equal("since then", (await _inbox.WaitForAsync(2))[1].Subject);
        Assert.Equal(1, SessionsOf("ann"));
        Assert.Equal(1, SessionsOf("bob"));
    }

    [Fact]
    public async Task A_call_that_runs_may_end_when_its_mailbox_goes_and_is_not_made_again_when_it_comes_back()
    {
        Add("ann", "of-ann");
        Add("bob", "of-bob");
        var source = new ListedMailboxes();
        source.Say([Mailbox("ann", "of-ann"), Mailbox("bob", "of-bob")]);
        var slow = new SlowCalls();
        await using var app = await StartAsync(source, inbox: slow, functions: typeof(SlowFunctions));
        await app.Logs.WaitForAsync(300, 2);
        Deliver("ann", "slow");
        Deliver("bob", "slow");
        await slow.Inbox.WaitForAsync(2);
        source.Say([Mailbox("bob", "of-bob")]);
        await app.Logs.WaitForAsync(330, 2);
        Assert.DoesNotContain(slow.Cancelled, _ => true);
        slow.Go.SetResult();
        await app.Logs.WaitForAsync(408, 2);
        source.Say([Mailbox("ann", "of-ann"), Mailbox("bob", "of-bob")]);
        await app.Logs.WaitForAsync(300, 3);
        Deliver("ann", "next");
        await slow.Inbox.WaitUntilAsync(got => got.Any(mail => mail.Subject == "next"));
        Assert.Equal(3, slow.Inbox.Got.Count);
        Assert.Empty(slow.Cancelled);
    }

    [Fact]
    public async Task A_blob_says_which_mailboxes_there_are_and_a_broken_one_changes_nothing()
    {
        foreach (var user in new[] { "ann", "bob" })
            Add(user, $"of-{user}");
        var blob = new BlobContainerClient(azurite.ConnectionString, "settings").GetBlobClient($"{_name}.json");
        await new BlobContainerClient(azurite.ConnectionString, "settings").CreateIfNotExistsAsync(cancellationToken: Token);
        KeyValuePair<string, string?>[] settings =
        [
            new("AzureWebJobsStorage", azurite.ConnectionString), new("Customers:blob", $"settings/{_name}.json"), new("Customers:host", _server.Host), new("Customers:security", "none"),
            new("Customers:secrets:ann", "of-ann"), new("Customers:secrets:bob", "of-bob"),
        ];
        await using var app = await StartAsync(settings: settings);
        await app.Logs.WaitForAsync(102);
        Assert.Contains("there is no such blob", app.Logs.Entries.First(entry => entry.EventId == 102).Text, StringComparison.Ordinal);

        await SayAsync(Entry("ann"));
        await app.Logs.WaitForAsync(300);
        await blob.UploadAsync(BinaryData.FromString("{ \"mailboxes\": [ {"), overwrite: true, Token);
        await app.Logs.WaitForAsync(102, 2);
        Deliver("ann", "1");
        await _inbox.WaitForAsync(1);

        await SayAsync(Entry("bob"), Entry("ann"), new { userName = "eve", password = "of-eve" });
        await app.Logs.WaitForAsync(300, 2);
        Deliver("bob", "2");
        Assert.Equal(("bob", "tenant-of-bob"), ((await _inbox.WaitForAsync(2))[1].Account, _inbox.Got[1].Tag));
        Assert.Contains("'mailboxes[2].password' is a secret", Assert.Single(app.Logs.Entries, entry => entry.EventId == 103).Text, StringComparison.Ordinal);
        Assert.Equal(1, SessionsOf("ann"));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.Text.Contains("of-eve", StringComparison.Ordinal));

        object Entry(string user) => new { userName = user, passwordSetting = user, tag = $"tenant-of-{user}" };

        Task SayAsync(params object[] mailboxes) => blob.UploadAsync(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(new { port = _server.Port, mailboxes })), overwrite: true, Token);
    }

    [Fact]
    public async Task A_source_of_the_app_s_own_may_be_wrong_in_single_mailboxes()
    {
        Add("ann", "of-ann");
        var source = new ListedMailboxes();
        var ann = Mailbox("ann", "of-ann");
        source.Say([ann with { Account = ann.Account with { Host = "imaps://h" } }, ann, ann with { Account = ann.Account with { Password = null } }, null!, ann with { Tag = "two\nlines" }, ann with { Account = ann.Account with { UserName = "eve\nfail: all is lost" } }]);
        await using var app = await StartAsync(source);
        await app.Logs.WaitForAsync(300);
        string[] told = [.. app.Logs.Entries.Where(entry => entry.EventId == 103).Select(entry => entry.Text)];
        Assert.Equal(5, told.Length);
        Assert.All(
            ["number 0 (ann on imaps://h): Host must be", "number 2 (ann on localhost): the account has neither", "number 3: there is no account", "number 4 (ann on localhost): Tag must be", "number 5 (evefail: all is lost on localhost): UserName has"],
            wrong => Assert.Contains(told, text => text.Contains(wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_name_that_stands_for_two_things_is_an_error_of_the_start()
    {
        var source = new ListedMailboxes();
        var error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => StartAsync(source, settings: [new("Customers:host", "h")]));
        Assert.Contains("is the name of a source of mailboxes (IImapMailboxSource) and of an app setting", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Each instance hears of a change at another moment.</summary>
    [Fact]
    public async Task Two_instances_that_hear_of_changes_at_different_moments_lose_and_double_nothing()
    {
        const int Mailboxes = 24;
        foreach (var i in Enumerable.Range(0, Mailboxes))
            Add($"u{i}", "p");
        var (one, two) = (new ListedMailboxes(), new ListedMailboxes());
        ImapMailbox[] all = [.. Enumerable.Range(0, Mailboxes).Select(i => Mailbox($"u{i}", "p"))];
        one.Say(all);
        two.Say(all);
        KeyValuePair<string, string?>[] storage = [new("AzureWebJobsStorage", azurite.ConnectionString)];
        await using var first = await StartAsync(one, settings: storage);
        await first.Logs.WaitForAsync(300, Mailboxes);
        await using var second = await StartAsync(two, settings: storage);
        // Half of the partitions change hands.
        await second.Logs.WaitForAsync(300, Mailboxes / 4);
        var random = new Random(1);
        var sent = 0;
        for (var round = 0; round < 12; round++)
        {
            var list = all.Where(_ => random.Next(4) > 0).ToArray();
            (round % 2 == 0 ? one : two).Say(list);
            foreach (var user in _inboxes.Keys)
                Deliver(user, $"round {round}");
            sent += Mailboxes;
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 1500)), Token);
            (round % 2 == 0 ? two : one).Say(list);
        }

        one.Say(all);
        two.Say(all);
        await _inbox.WaitForAsync(sent);
        Assert.Equal(sent, _inbox.Got.DistinctBy(mail => (mail.Account, mail.Uid)).Count());
        Assert.Equal(sent, _inbox.Got.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private ImapMailbox Mailbox(string user, string password) => new()
    {
        Account = new ImapAccount { Host = _server.Host, Port = _server.Port, Security = ImapSecurity.None, UserName = user, Password = password },
    };

    private void Add(string user, string password) => _inboxes[user] = _server.AddAccount(user, password).Inbox;

    private void Deliver(string user, string subject) => _inboxes[user].AppendAll([OddMessages.Plain(subject)]);

    /// <summary>Each opens its folder once.</summary>
    private int SessionsOf(string user) => _server.Commands.Count(command => command.UserName == user && command.Text.StartsWith("EXAMINE", StringComparison.Ordinal));

    private Task<FunctionApp> StartAsync(
        ListedMailboxes? source = null, IEnumerable<KeyValuePair<string, string?>>? settings = null, IConfigurationSource? configuration = null, object? inbox = null, Type? functions = null) => FunctionApp.StartAsync(
        functions ?? typeof(Functions),
        inbox ?? _inbox,
        [.. settings ?? [], new("AzureWebJobs:extensions:imapIdle:stateName", _name), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)],
        services: source is null ? null : services => services.AddSingleton<IImapMailboxSource>(source),
        configuration: configuration);

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(Connection = "Customers")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class SlowCalls
    {
        public Inbox<ImapEvent> Inbox { get; } = new();

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Cancelled { get; } = [];
    }

    private sealed class SlowFunctions(SlowCalls calls)
    {
        public async Task OnMail([ImapIdleTrigger(Connection = "Customers")] ImapEvent mail, CancellationToken cancellationToken)
        {
            calls.Inbox.Add(mail);
            using var cancelled = cancellationToken.Register(() => calls.Cancelled.Add(mail.Account));
            await calls.Go.Task;
        }
    }

    private sealed class ReloadingSource(Dictionary<string, string?> settings) : ConfigurationProvider, IConfigurationSource
    {
        public override void Load() => Data = new Dictionary<string, string?>(settings, StringComparer.OrdinalIgnoreCase);

        public void Reload()
        {
            Load();
            OnReload();
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
    }
}
