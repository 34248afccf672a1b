using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Delivery;

/// <summary>
/// Courier keeps what EXAMINE numbers to itself: it writes UIDs and UIDVALIDITY down only when somebody SELECTs, and until then numbers new mail by
/// the names of its files, each time anew (docs/providers.md).
/// </summary>
public sealed class CourierTests(CourierServer server) : IClassFixture<CourierServer>, IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly Inbox<ImapEvent> _inbox = new();

    [Fact]
    public async Task A_message_that_arrives_late_under_an_early_name_is_delivered_and_none_twice()
    {
        await using var app = await StartAsync();
        await DeliverAsync("1000000002.M1.late-to-begin", "first");
        await _inbox.WaitForAsync(1);
        await DeliverAsync("1000000001.M1.slow-to-end", "second");
        await _inbox.WaitForAsync(2);
        Assert.Equal(["first", "second"], Subjects());
    }

    [Fact]
    public async Task A_message_that_is_removed_behind_the_servers_back_takes_no_later_one_along()
    {
        await using (await StartAsync())
        {
            await DeliverAsync("1000000001.M1.first", "first");
            await _inbox.WaitForAsync(1);
        }

        server.Remove(_user, "1000000001.M1.first");
        await DeliverAsync("1000000002.M1.second", "second");
        await using var app = await StartAsync();
        await _inbox.WaitForAsync(2);
        Assert.Equal(["first", "second"], Subjects());
    }

    [Fact]
    public async Task A_mailbox_that_nobody_has_ever_selected_keeps_its_UIDVALIDITY_from_start_to_start()
    {
        await using (await StartAsync())
        {
            await DeliverAsync("1000000001.M1.first", "first");
            await _inbox.WaitForAsync(1);
        }

        // Its clock's second is what EXAMINE says.
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        await using var app = await StartAsync();
        await DeliverAsync("1000000002.M1.second", "second");
        var got = await _inbox.WaitForAsync(2);
        Assert.False(app.Logs.Has(302));
        Assert.Single(got.Select(mail => mail.UidValidity).Distinct());
    }

    [Fact]
    public async Task What_EXAMINE_says_is_forgotten_until_somebody_SELECTs()
    {
        await using var client = await RawImap.LogInAsync(server.Account(_user, ImapSecurity.None));
        await DeliverAsync("1000000002.M1.two", "two");
        var first = await UidValidityAsync("EXAMINE");
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        Assert.NotEqual(first, await UidValidityAsync("EXAMINE"));
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        var selected = await UidValidityAsync("SELECT");
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        Assert.Equal(selected, await UidValidityAsync("EXAMINE"));

        // UIDVALIDITY stays from here on, but UID 2 is whoever comes first by name.
        await DeliverAsync("1000000004.M1.four", "four");
        await UidValidityAsync("EXAMINE");
        Assert.Contains("Subject: four", await client.AskAsync("UID FETCH 2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])"));
        await DeliverAsync("1000000003.M1.three", "three");
        Assert.Equal(selected, await UidValidityAsync("EXAMINE"));
        Assert.Contains("Subject: three", await client.AskAsync("UID FETCH 2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])"));

        async Task<string> UidValidityAsync(string command) =>
            Assert.Single(await client.AskAsync($"{command} INBOX"), line => line.Contains("UIDVALIDITY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_SELECT_each_UID_stays_with_its_message()
    {
        await using var session = await ImapSession.ConnectAsync(server.Account(_user), TestContext.Current.CancellationToken);
        await session.SelectAsync("INBOX", writable: true, TestContext.Current.CancellationToken);
        await DeliverAsync("1000000002.M1.two", "two");
        await session.NoOpAsync(TestContext.Current.CancellationToken);
        await DeliverAsync("1000000001.M1.one", "one");
        await session.NoOpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["two", "one"], (await session.FetchAsync(0, TestContext.Current.CancellationToken)).Select(mail => mail.Subject));
    }

    public void Dispose() => _state.Delete(recursive: true);

    private Task DeliverAsync(string name, string subject) => server.DeliverAsync(_user, name, OddMessages.Plain(subject));

    private IEnumerable<string?> Subjects() => _inbox.Got.Select(mail => mail.Subject);

    private async Task<FunctionApp> StartAsync() => await (await FunctionApp.StartAsync(
        typeof(Metadata), _inbox, [.. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)])).WatchingAsync();

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
