using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Ownership;
using ImapTrigger.Testing;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What changes a name and not the mailbox does not lose a message that came meanwhile (f20).</summary>
public sealed class RenamedTests : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ImapTestAccount _account;
    private readonly Inbox<ImapEvent> _before = new();
    private readonly Inbox<ImapEvent> _after = new();

    public RenamedTests() => _account = _server.AddAccount("ann", "secret");

    [Theory]
    [InlineData("Imap:host", "localhost")]
    [InlineData("Imap:userName", "Ann")]
    [InlineData("Imap:port", "tls")]
    [InlineData("FOLDER", "inbox")]
    public async Task Another_spelling_of_the_same_mailbox_goes_on_where_it_was(string setting, string value)
    {
        await DeliverAsync(typeof(OnMail), _before, "one");
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        KeyValuePair<string, string?>[] changed = value == "tls" ? Tls() : [new(setting, value)];
        await using var app = await StartAsync(typeof(OnMail), _after, changed);
        Assert.Equal(["meanwhile"], Subjects(await _after.WaitForAsync(1)));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 301 or 341);
    }

    [Fact]
    public async Task A_renamed_function_goes_on_where_it_was_and_says_so_once()
    {
        await DeliverAsync(typeof(OnMail), _before, "one");
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using (var app = await StartAsync(typeof(OnLetter), _after))
        {
            Assert.Equal(["meanwhile"], Subjects(await _after.WaitForAsync(1)));
            var said = Assert.Single(app.Logs.Entries, entry => entry.EventId == 340);
            Assert.Equal(LogLevel.Warning, said.Level);
            Assert.Contains($"ann@127.0.0.1/INBOX of function {Shown(typeof(OnMail))}", said.Text, StringComparison.Ordinal);
        }

        _account.Inbox.Append(OddMessages.Plain("later"));
        await using var again = await StartAsync(typeof(OnLetter), _after);
        Assert.Equal(["meanwhile", "later"], Subjects(await _after.WaitForAsync(2)));
        Assert.DoesNotContain(again.Logs.Entries, entry => entry.EventId is 340 or 301);
    }

    [Fact]
    public async Task A_message_that_was_open_is_open_under_the_new_name_too()
    {
        _before.Fails = mail => mail.Subject == "open";
        await DeliverAsync(typeof(OnMail), _before, "open", until: 401);
        await using var app = await StartAsync(typeof(OnLetter), _after);
        var mail = Assert.Single(await _after.WaitForAsync(1));
        Assert.Equal(("open", 2), (mail.Subject, mail.Attempt));
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("move:Done")]
    public async Task That_the_last_message_has_gone_from_the_mailbox_says_nothing_against_it(string action)
    {
        _account.AddFolder("Done");
        await DeliverAsync(typeof(OnMail), _before, "one", new KeyValuePair<string, string?>("ON_SUCCESS", action));
        Assert.Empty(_account.Inbox.Messages);
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using var app = await StartAsync(typeof(OnLetter), _after);
        Assert.Equal(["meanwhile"], Subjects(await _after.WaitForAsync(1)));
    }

    [Fact]
    public async Task Another_function_that_is_there_keeps_its_cursor_to_itself()
    {
        await DeliverAsync(typeof(Both), _before, "one", new KeyValuePair<string, string?>("OTHER_IS_OFF", "true"));
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using var app = await StartAsync(typeof(Both), _after, times: 2);
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == 301);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId == 340);
    }

    [Fact]
    public async Task So_does_one_that_is_only_disabled()
    {
        await DeliverAsync(typeof(Both), _before, "one", new KeyValuePair<string, string?>("OTHER_IS_OFF", "true"));
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using var app = await StartAsync(typeof(Both), _after, [new("FIRST_IS_OFF", "true")]);
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == 301);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId == 340);
    }

    [Fact]
    public async Task A_user_of_another_name_whose_mailbox_is_another_begins_from_now_on_with_a_warning()
    {
        await DeliverAsync(typeof(OnMail), _before, "one");
        _server.AddAccount("bob", "secret").Inbox.Append(OddMessages.Plain("old"));
        await using var app = await StartAsync(typeof(OnMail), _after, [new("Imap:userName", "bob")]);
        var said = Assert.Single(app.Logs.Entries, entry => entry.EventId == 341);
        Assert.Equal(LogLevel.Warning, said.Level);
        Assert.All(["ann@127.0.0.1/INBOX", "StateName", "leave it"], named => Assert.Contains(named, said.Text, StringComparison.Ordinal));
        Assert.Empty(_after.Got);
    }

    [Fact]
    public async Task A_renamed_function_on_a_mailbox_that_was_numbered_anew_begins_from_now_on_with_a_warning_that_names_both_ways_out()
    {
        await DeliverAsync(typeof(OnMail), _before, "one");
        _account.Inbox.Renumber();
        await using (var app = await StartAsync(typeof(OnLetter), _after))
        {
            var said = Assert.Single(app.Logs.Entries, entry => entry.EventId == 341);
            Assert.All([$"StateName = \"{Shown(typeof(OnMail))}\"", "leave it", "UIDVALIDITY"], named => Assert.Contains(named, said.Text, StringComparison.Ordinal));
        }

        await using var again = await StartAsync(typeof(OnLetter), _after);
        Assert.DoesNotContain(again.Logs.Entries, entry => entry.EventId == 341);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_function_with_the_state_name_of_its_former_self_goes_on_from_there(bool asShown)
    {
        await DeliverAsync(typeof(OnMail), _before, "one");
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using var app = await StartAsync(typeof(Named), _after, [new("STATE", asShown ? Shown(typeof(OnMail)) : NameOf(typeof(OnMail)))]);
        Assert.Equal(["meanwhile"], Subjects(await _after.WaitForAsync(1)));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 301 or 340);
    }

    [Fact]
    public async Task Two_functions_with_one_state_name_end_the_start()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(typeof(Twice), _after));
        Assert.All(["Twice.First", "Twice.Second", "'orders'", "StateName"], named => Assert.Contains(named, error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cursor_of_version_1_whose_key_has_the_port_is_gone_on_from()
    {
        var uid = _account.Inbox.Append(OddMessages.Plain("before"));
        await WriteVersion1Async(typeof(OnMail), "Ann@127.0.0.1:993/INBOX", uid);
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using var app = await StartAsync(typeof(OnMail), _after);
        Assert.Equal(["meanwhile"], Subjects(await _after.WaitForAsync(1)));
        Assert.Equal(LogLevel.Information, Assert.Single(app.Logs.Entries, entry => entry.EventId == 340).Level);
    }

    [Fact]
    public async Task A_cursor_that_a_person_put_into_any_record_of_the_function_is_found()
    {
        var uid = _account.Inbox.Append(OddMessages.Plain("before"));
        const string Key = "ann@127.0.0.1/INBOX";
        await WriteVersion1Async(typeof(OnMail), Key, uid, (PartitionMap.PartitionOf(Key) + 1) % PartitionState.Count);
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        await using var app = await StartAsync(typeof(OnMail), _after);
        Assert.Equal(["meanwhile"], Subjects(await _after.WaitForAsync(1)));
    }

    [Fact]
    public async Task Of_two_users_that_differ_in_case_each_goes_on_from_its_own_cursor_of_version_1()
    {
        var uid = _account.Inbox.Append(OddMessages.Plain("before"));
        await WriteVersion1Async(typeof(OnMail), $"ann@127.0.0.1:{_server.Port}/INBOX", uid);
        await WriteVersion1Async(typeof(OnMail), $"Ann@127.0.0.1:{_server.Port}/INBOX", uid);
        _account.Inbox.Append(OddMessages.Plain("meanwhile"));
        KeyValuePair<string, string?>[] both = [.. Settings().Where(setting => setting.Key.StartsWith("Imap:", StringComparison.Ordinal)).SelectMany(setting => new[]
        {
            KeyValuePair.Create(setting.Key.Replace("Imap:", "Imap:0:", StringComparison.Ordinal), setting.Value),
            KeyValuePair.Create(setting.Key.Replace("Imap:", "Imap:1:", StringComparison.Ordinal), setting.Value == "ann" ? "Ann" : setting.Value),
        })];
        await using var app = await FunctionApp.StartAsync(
            typeof(OnMail), _after, [.. Settings().Where(setting => !setting.Key.StartsWith("Imap:", StringComparison.Ordinal)), .. both]);
        Assert.Equal(["meanwhile", "meanwhile"], Subjects(await _after.WaitForAsync(2)));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 301 or 341);
    }

    /// <summary>"From now on" begins with the first start, be it one that never got so far as to open the mailbox.</summary>
    [Theory]
    [InlineData("Imap:password", "wrong")]
    [InlineData("Imap:userName", "nan")]
    [InlineData("FOLDER", "Inboks")]
    public async Task What_came_while_a_mistake_in_the_settings_kept_the_mailbox_shut_is_delivered_when_it_is_mended(string setting, string mistake)
    {
        _account.Inbox.Append(OddMessages.Plain("before"));
        await using (var app = await FunctionApp.StartAsync(typeof(OnMail), _before, [.. Settings(), new(setting, mistake)]))
        {
            await app.Logs.WaitForAsync(305);
            // A whole second later, as servers count.
            _account.Inbox.Append(OddMessages.Plain("meanwhile"), internalDate: DateTimeOffset.UtcNow.AddSeconds(2));
        }

        await using var mended = await StartAsync(typeof(OnMail), _after);
        _account.Inbox.Append(OddMessages.Plain("after"));
        Assert.Equal(["meanwhile", "after"], Subjects(await _after.WaitForAsync(2)));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private static string NameOf(Type function) => $"{function.FullName}.Run";

    private static string Shown(Type function) => StateKey.NameOf(StateKey.Segment(NameOf(function)));

    private static IEnumerable<string?> Subjects(IEnumerable<ImapEvent> mails) => mails.Select(mail => mail.Subject);

    private async Task DeliverAsync(Type function, Inbox<ImapEvent> inbox, string subject, KeyValuePair<string, string?>? setting = null, int until = 408)
    {
        await using var app = await StartAsync(function, inbox, setting is { } one ? [one] : []);
        _account.Inbox.Append(OddMessages.Plain(subject));
        await app.Logs.WaitForAsync(until);
    }

    private async Task<FunctionApp> StartAsync(Type function, Inbox<ImapEvent> inbox, IEnumerable<KeyValuePair<string, string?>>? changed = null, int times = 1)
    {
        var app = await FunctionApp.StartAsync(function, inbox, [.. Settings(), .. changed ?? []]);
        await app.Logs.WaitForAsync(300, times);
        return app;
    }

    private KeyValuePair<string, string?>[] Settings() =>
    [
        new("Imap:host", "127.0.0.1"), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"),
        new("Imap:userName", "ann"), new("Imap:password", "secret"), new("FOLDER", "INBOX"), new("STATE", "orders"), new("ON_SUCCESS", "none"),
        new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName), new("AzureWebJobs:extensions:imapIdle:stateName", "app"),
    ];

    private KeyValuePair<string, string?>[] Tls() =>
    [
        new("Imap:port", _server.TlsPort.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "tls"), new("Imap:certificateFingerprint", _server.CertificateFingerprint),
    ];

    /// <summary>As the first version wrote it.</summary>
    private async Task WriteVersion1Async(Type function, string key, uint lastUid, int? partition = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_state.FullName, StateKey.Of("app", NameOf(function))));
        var file = Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{partition ?? PartitionMap.PartitionOf(key):00}.json"));
        await File.WriteAllTextAsync(file, $$"""
            { "version": 1, "partitions": 32, "owner": "instance/4711", "epoch": 12, "clean": true,
              "mailboxes": { "{{key}}": { "uidValidity": {{_account.Inbox.UidValidity}}, "lastUid": {{lastUid}}, "open": {}, "recent": [] } } }
            """, TestContext.Current.CancellationToken);
    }

    private sealed class OnMail(Inbox<ImapEvent> inbox)
    {
        public void Run([ImapIdleTrigger("%FOLDER%", OnSuccess = "%ON_SUCCESS%")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class OnLetter(Inbox<ImapEvent> inbox)
    {
        public void Run([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Named(Inbox<ImapEvent> inbox)
    {
        public void Run([ImapIdleTrigger(StateName = "%STATE%")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Both(Inbox<ImapEvent> inbox)
    {
        [Disable("FIRST_IS_OFF")]
        public void Run([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);

        [Disable("OTHER_IS_OFF")]
        public void Other([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Twice(Inbox<ImapEvent> inbox)
    {
        public void First([ImapIdleTrigger(StateName = "orders")] ImapEvent mail) => inbox.Add(mail);

        public void Second([ImapIdleTrigger(StateName = "%STATE%")] ImapEvent mail) => inbox.Add(mail);
    }
}
