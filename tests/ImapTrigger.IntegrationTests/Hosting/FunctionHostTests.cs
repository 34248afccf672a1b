using System.Globalization;
using System.Text;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What a host does with the attribute: parameters, settings, storage, logs.</summary>
public sealed class FunctionHostTests(InProcessServer server, AzuriteServer azurite) : IClassFixture<InProcessServer>, IClassFixture<AzuriteServer>, IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Fact]
    public async Task A_parameter_may_be_JSON_a_class_of_ones_own_or_the_whole_message()
    {
        var inbox = new Inbox<object>();
        await using var app = await FunctionApp.StartAsync(typeof(Kinds), inbox, LocalSettings("Imap"));
        await app.Logs.WaitForAsync(300, times: 7);
        await server.DeliverAsync(_user, [OddMessages.Plain("hello")]);
        var got = await inbox.WaitForAsync(7);

        using var json = JsonDocument.Parse(Assert.Single(got.OfType<string>(), text => text.StartsWith('{')));
        Assert.Equal("hello", json.RootElement.GetProperty("subject").GetString());
        Assert.Equal("ann@example.org", json.RootElement.GetProperty("from")[0].GetProperty("address").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("uid").GetInt32());
        Assert.Equal("hello", Assert.Single(got.OfType<Mine>()).Subject);
        Assert.Equal("hello@example.org", Assert.Single(got.OfType<MimeMessage>()).MessageId);
        Assert.Equal(OddMessages.Plain("hello"), Assert.Single(got.OfType<byte[]>()));
        Assert.Equal(OddMessages.Plain("hello"), Assert.Single(got.OfType<MemoryStream>()).ToArray());
        Assert.Equal(OddMessages.Plain("hello"), Assert.Single(got.OfType<BinaryData>()).ToArray());
        Assert.Contains($"{_user}/INBOX/1/hello/ann@example.org/1", got.OfType<string>());
    }

    [Fact]
    public async Task Charsets_older_than_UTF_8_are_known_to_a_host_that_does_nothing_for_it()
    {
        await using var host = HostProcess.Start(LocalSettings("Imap"));
        await host.WaitForLogAsync(300);
        await server.DeliverAsync(_user, [Encoding.ASCII.GetBytes("Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\n\r\n")]);
        await host.WaitForAsync(() => host.Calls.Count == 1, "the call");
        Assert.Equal("日本", host.Calls[0].Subject);
    }

    [Fact]
    public async Task Folder_and_connection_come_from_app_settings()
    {
        var account = server.AccountOf(_user);
        account.AddFolder("Orders/2026");
        var inbox = new Inbox<ImapEvent>();
        await using var app = await (await FunctionApp.StartAsync(typeof(FromSettings), inbox, [.. LocalSettings("AzureWebJobsOther"), new("ORDERS", "Orders/2026")])).WatchingAsync();
        account.Folders.Single(folder => folder.Name == "Orders/2026").Append("Subject: order\r\n\r\n");
        var mail = Assert.Single(await inbox.WaitForAsync(1));
        Assert.Equal(("Orders/2026", "order"), (mail.Folder, mail.Subject));
    }

    [Fact]
    public async Task Of_two_hosts_on_one_mailbox_one_runs_and_the_other_takes_over()
    {
        var (first, second) = (new Inbox<ImapEvent>(), new Inbox<ImapEvent>());
        await using var two = await RunTwoAsync();
        await server.DeliverAsync(_user, [OddMessages.Plain("third")]);
        Assert.Equal(["third"], (await second.WaitForAsync(1)).Select(mail => mail.Subject));

        async Task<FunctionApp> RunTwoAsync()
        {
            await using var one = await (await FunctionApp.StartAsync(typeof(Metadata), first, BlobSettings())).WatchingAsync();
            var other = await FunctionApp.StartAsync(typeof(Metadata), second, BlobSettings());
            await other.Logs.WaitForAsync(201);
            await server.DeliverAsync(_user, [OddMessages.Plain("first"), OddMessages.Plain("second")]);
            Assert.Equal(["first", "second"], (await first.WaitForAsync(2)).Select(mail => mail.Subject));
            await one.StopAsync();
            await other.WatchingAsync();
            Assert.Empty(second.Got);
            return other;
        }
    }

    [Fact]
    public async Task A_function_that_fails_gets_the_message_again_with_the_attempt_counted_and_others_go_on()
    {
        var inbox = new Inbox<ImapEvent>();
        await using var app = await (await FunctionApp.StartAsync(typeof(FailsOnce), inbox, LocalSettings("Imap"))).WatchingAsync();
        await server.DeliverAsync(_user, [OddMessages.Plain("bad"), OddMessages.Plain("good")]);
        var got = await inbox.WaitForAsync(3);
        Assert.Equal([("bad", 1), ("good", 1), ("bad", 2)], got.Select(mail => (mail.Subject!, mail.Attempt)));
    }

    [Fact]
    public async Task No_log_line_at_any_level_holds_the_password()
    {
        var inbox = new Inbox<ImapEvent>();
        var app = await (await FunctionApp.StartAsync(typeof(Metadata), inbox, BlobSettings())).WatchingAsync();
        await using (app)
        {
            await server.DeliverAsync(_user, [OddMessages.Plain("hello")]);
            await inbox.WaitForAsync(1);
        }

        // And what is logged of a login that fails.
        var refused = await FunctionApp.StartAsync(typeof(Metadata), inbox, [.. BlobSettings(), new("Imap:password", "wrong-secret-4711")]);
        await using (refused)
            await refused.Logs.WaitForAsync(305);
        Assert.Contains(refused.Logs.Entries, entry => entry is { EventId: 305, Level: LogLevel.Error });

        var lines = app.Logs.Entries.Concat(refused.Logs.Entries).Select(entry => entry.ToString()).ToArray();
        Assert.Contains(lines, line => line.Contains(_user, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(InProcessServer.Password, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("wrong-secret-4711", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(AzuriteServer.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_options_are_dumped_at_start_all_of_them()
    {
        await using var app = await FunctionApp.StartAsync(typeof(Metadata), new Inbox<ImapEvent>(), [.. LocalSettings("Imap"), new("AzureWebJobs:extensions:imapIdle:pollInterval", "00:00:42")]);
        var dump = Assert.Single(app.Logs.Entries, entry => entry.Text.StartsWith("ImapIdleOptions", StringComparison.Ordinal)).Text;
        using var json = JsonDocument.Parse(dump["ImapIdleOptions".Length..]);
        Assert.Equal(
            ["container", "flushInterval", "idleRenewal", "localStatePath", "mailboxesPerInstance", "maxAttempts", "maxConcurrentCalls", "onUidValidityChange", "pollInterval", "stateName", "stopGracePeriod"],
            json.RootElement.EnumerateObject().Select(option => option.Name).Order());
        Assert.Equal("00:00:42", json.RootElement.GetProperty("pollInterval").GetString());
    }

    [Fact]
    public async Task Run_by_hand_the_key_of_an_event_is_enough()
    {
        var inbox = new Inbox<ImapEvent>();
        await using var app = await FunctionApp.StartAsync(typeof(Metadata), inbox, LocalSettings("Imap"));
        await app.CallAsync("Metadata.OnMail", """{"account":"ann","folder":"INBOX","uidValidity":1,"uid":4711}""");
        await app.CallAsync("Metadata.OnMail", new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = 4712 });
        Assert.Equal([(4711u, 0, 1), (4712u, 0, 1)], inbox.Got.Select(mail => (mail.Uid, mail.From.Count, mail.Attempt)));

        var error = await Assert.ThrowsAnyAsync<Exception>(() => app.CallAsync("Metadata.OnMail", """{"account":"ann"}"""));
        Assert.Contains("with at least account, folder, uidValidity and uid. ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_message_cannot_be_had_by_hand()
    {
        await using var app = await FunctionApp.StartAsync(typeof(Kinds), new Inbox<object>(), LocalSettings("Imap"));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => app.CallAsync("bytes", """{"account":"ann","folder":"INBOX","uidValidity":1,"uid":4711}"""));
        Assert.Contains("which only a mail server has", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>f23.</summary>
    [Fact]
    public async Task A_host_may_be_an_IPv6_address_in_brackets()
    {
        var settings = LocalSettings("Imap").ToDictionary();
        await using var relay = IPv6Relay.Start(int.Parse(settings["Imap:port"]!, CultureInfo.InvariantCulture));
        settings["Imap:host"] = "[::1]";
        settings["Imap:port"] = relay.Port.ToString(CultureInfo.InvariantCulture);
        var inbox = new Inbox<ImapEvent>();
        await using var app = await (await FunctionApp.StartAsync(typeof(Metadata), inbox, settings)).WatchingAsync();
        await server.DeliverAsync(_user, [OddMessages.Plain("over six")]);
        Assert.Equal("over six", Assert.Single(await inbox.WaitForAsync(1)).Subject);
    }

    [Fact]
    public async Task An_error_names_mailbox_and_port()
    {
        var port = FreePort.Find(1)[0];
        await using var app = await FunctionApp.StartAsync(
            typeof(Metadata), new Inbox<ImapEvent>(), [.. LocalSettings("Imap"), new("Imap:host", "::1"), new("Imap:port", port.ToString(CultureInfo.InvariantCulture))]);
        await app.Logs.WaitForAsync(305);
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == 305 && entry.Text.Contains($"{_user}@::1/INBOX: could not connect to port {port} and log in. ", StringComparison.Ordinal));
    }

    /// <summary>f22.</summary>
    [Fact]
    public async Task A_setting_that_is_null_is_the_default()
    {
        await using var app = await (await FunctionApp.StartAsync(
            typeof(Metadata), new Inbox<ImapEvent>(), [.. LocalSettings("Imap"), new("AzureWebJobs:extensions:imapIdle:container", null), new("AzureWebJobs:extensions:imapIdle:maxAttempts", "")])).WatchingAsync();
        Assert.Contains(app.Logs.Entries, entry => entry.Text.StartsWith("ImapIdleOptions", StringComparison.Ordinal) && entry.Text.Contains("\"imap-trigger\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_mistakes_end_the_start_at_once_in_sentences_and_functions_share_theirs()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => FunctionApp.StartAsync(
            typeof(Wrong), new Inbox<object>(),
            [
                .. LocalSettings("Imap"), new("Imap:port", "0"), new("Imap:hots", "h"), new("AzureWebJobs:extensions:imapIdle:maxAttempts", "0"), new("AzureWebJobs:extensions:imapIdel:maxAttempts", "3"),
            ],
            options => options.PollInterval = TimeSpan.FromDays(1)));
        Assert.Equal(
            [
                "host.json, extensions.imapIdel is not read: the section is extensions.imapIdle.",
                "ImapIdleOptions.PollInterval: is 1.00:00:00, but must be from 00:00:01 to 01:00:00.",
                "host.json, extensions.imapIdle.maxAttempts: is 0, but must be from 1 to 100.",
                "[ImapIdleTrigger] of functions 'Wrong.One', 'Wrong.Two': the app setting 'Imap__hots' is not known. There are: host, port, security, userName, password, certificateFingerprint, caCertificate, allowPlainText, proxy, authentication, authservId, folder, tag.",
                "[ImapIdleTrigger] of functions 'Wrong.One', 'Wrong.Two': the app setting 'Imap__port' must be a number from 1 to 65535.",
                "[ImapIdleTrigger] of function 'Wrong.Two': OnSuccess: 'sene' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete.",
            ],
            error.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public async Task A_host_that_starts_with_what_is_right_disables_the_function_that_is_wrong()
    {
        var inbox = new Inbox<ImapEvent>();
        await using var app = await (await FunctionApp.StartAsync(
            typeof(HalfWrong), inbox, LocalSettings("Imap"), services: services => services.Configure<JobHostOptions>(options => options.AllowPartialHostStartup = true))).WatchingAsync();
        Assert.Contains(app.Logs.Entries, entry => entry.Text.Contains("Function 'HalfWrong.Lost' failed indexing and will be disabled.", StringComparison.Ordinal));
        Assert.Contains(app.Logs.Entries, entry => entry is { EventId: 101, Level: LogLevel.Error } && entry.Text.Contains("function 'HalfWrong.Lost': the app setting 'Missing' is missing", StringComparison.Ordinal));
        await server.DeliverAsync(_user, [OddMessages.Plain("hello")]);
        Assert.Equal("hello", Assert.Single(await inbox.WaitForAsync(1)).Subject);
    }

    [Theory]
    [InlineData("Imap:password", "", "Imap__password")]
    [InlineData("Imap:hots", "localhost", "Imap__hots")]
    [InlineData("AzureWebJobs:extensions:imapIdle:pollIntervall", "00:00:42", "pollIntervall")]
    [InlineData("AzureWebJobs:extensions:imapIdle:idleRenewal", "00:25:00", "idleRenewal")]
    [InlineData("AzureWebJobsStorage", "not a connection string", "AzureWebJobsStorage")]
    [InlineData("CONTAINER_APP_NAME", "app", "AzureWebJobsStorage")]
    public async Task A_mistake_in_the_settings_ends_the_start_with_the_setting_named(string key, string value, string named)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => FunctionApp.StartAsync(typeof(Metadata), new Inbox<ImapEvent>(), [.. LocalSettings("Imap"), new(key, value)]));
        Assert.Contains(named, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(InProcessServer.Password, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_that_a_parameter_cannot_have_is_named_with_those_it_can()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => FunctionApp.StartAsync(typeof(WrongKind), new Inbox<ImapEvent>(), LocalSettings("Imap")));
        Assert.Contains("System.Int32. It may be ImapEvent", error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _state.Delete(recursive: true);

    private KeyValuePair<string, string?>[] LocalSettings(string section) =>
        [.. server.Settings(_user, section: section), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)];

    private KeyValuePair<string, string?>[] BlobSettings() => [.. server.Settings(_user), new("AzureWebJobsStorage", azurite.ConnectionString)];

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class FailsOnce(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail)
        {
            inbox.Add(mail);
            if (mail is { Subject: "bad", Attempt: 1 })
                throw new InvalidOperationException("Not this time.");
        }
    }

    private sealed class FromSettings(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger("%ORDERS%", Connection = "Other")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Wrong
    {
        public void One([ImapIdleTrigger] ImapEvent mail) => _ = mail;

        public void Two([ImapIdleTrigger(OnSuccess = "sene")] ImapEvent mail) => _ = mail;
    }

    private sealed class HalfWrong(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);

        public void Lost([ImapIdleTrigger(Connection = "Missing")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class WrongKind
    {
        public void OnMail([ImapIdleTrigger] int mail) => _ = mail;
    }

    private sealed class Kinds(Inbox<object> inbox)
    {
        [FunctionName("json")]
        public void Json([ImapIdleTrigger] string mail) => inbox.Add(mail);

        [FunctionName("class")]
        public void Class([ImapIdleTrigger] Mine mail) => inbox.Add(mail);

        [FunctionName("whole")]
        public void Whole([ImapIdleTrigger] MimeMessage mail) => inbox.Add(mail);

        [FunctionName("bytes")]
        public void Bytes([ImapIdleTrigger] byte[] mail) => inbox.Add(mail);

        [FunctionName("stream")]
        public void Stream([ImapIdleTrigger] Stream mail) => inbox.Add(mail);

        [FunctionName("binary")]
        public void Binary([ImapIdleTrigger] BinaryData mail) => inbox.Add(mail);

        [FunctionName("data")]
        public void Data([ImapIdleTrigger] ImapEvent mail, string account, string folder, long uid, string subject, string from, int attempt) =>
            inbox.Add($"{account}/{folder}/{uid}/{subject}/{from}/{attempt}" + (mail.Uid == uid ? "" : "?"));
    }

    private sealed class Mine
    {
        public string? Subject { get; set; }
    }
}
