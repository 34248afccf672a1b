using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>What networks do between us and a real Dovecot, and between us and a real Azurite.</summary>
public sealed class NetworkTests(DovecotServer dovecot, AzuriteServer azurite) : IClassFixture<DovecotServer>, IClassFixture<AzuriteServer>, IAsyncDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly TcpFaultProxy _toMail = TcpFaultProxy.Start("127.0.0.1", dovecot.TlsPort);
    private readonly TcpFaultProxy _toStorage = TcpFaultProxy.Start("127.0.0.1", azurite.Port);
    private readonly Inbox<ImapEvent> _inbox = new();

    [Theory]
    [InlineData("cut")]
    [InlineData("half-close")]
    [InlineData("delay")]
    [InlineData("black hole")]
    public async Task Mail_arrives_whatever_the_network_does_to_the_connection(string fault)
    {
        await using var app = await StartAsync();
        switch (fault)
        {
            case "cut":
                _toMail.Cut();
                break;
            case "half-close":
                _toMail.HalfClose();
                break;
            case "delay":
                _toMail.Delay = TimeSpan.FromMilliseconds(300);
                break;
            default:
                // Until the connection is given up: at the renewal, plus the grace for DONE.
                _toMail.BlackHole = true;
                await dovecot.DeliverAsync(_user, [OddMessages.Plain("meanwhile")]);
                await app.Logs.WaitForAsync(305);
                _toMail.BlackHole = false;
                break;
        }

        await dovecot.DeliverAsync(_user, [OddMessages.Plain("after")]);
        var got = await _inbox.WaitForAsync(fault == "black hole" ? 2 : 1);
        Assert.Equal("after", got[^1].Subject);
        Assert.Equal(fault != "delay", app.Logs.Has(305));
    }

    [Fact]
    public async Task When_the_storage_is_away_work_goes_on_until_the_deadline_and_nothing_is_lost()
    {
        await using var app = await StartAsync();
        _toStorage.BlackHole = true;
        await dovecot.DeliverAsync(_user, [OddMessages.Plain("one")]);
        await _inbox.WaitForAsync(1);
        await app.Logs.WaitForAsync(202);
        await dovecot.DeliverAsync(_user, [OddMessages.Plain("two")]);
        _toStorage.BlackHole = false;
        _toStorage.Cut();
        await app.Logs.WaitForAsync(200, times: 2);
        // What could not be written comes again, unless the last write was only late.
        await _inbox.WaitUntilAsync(got => got[^1].Subject == "two");
        Assert.Equal(["one", "two"], _inbox.Got.Select(mail => mail.Subject).Distinct());
        Assert.InRange(_inbox.Got.Count, 2, 3);
    }

    /// <summary>Law 17.</summary>
    [Fact]
    public async Task When_the_storage_is_away_no_call_begins_that_might_come_twice()
    {
        await using var app = await StartAsync();
        _toStorage.BlackHole = true;
        await dovecot.DeliverAsync(_user, [OddMessages.Plain("one")]);
        await _inbox.WaitForAsync(1);
        // A renewal, and a write of what has come of the first: each has waited for 5 seconds.
        await app.Logs.WaitForAsync(205, times: 2);
        await dovecot.DeliverAsync(_user, [OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(211);
        Assert.Single(_inbox.Got);

        _toStorage.BlackHole = false;
        _toStorage.Cut();
        await app.Logs.WaitForAsync(212);
        await _inbox.WaitForAsync(2);
        Assert.Equal(["one", "two"], _inbox.Got.Select(mail => mail.Subject));
        Assert.False(app.Logs.Has(202));
    }

    public async ValueTask DisposeAsync()
    {
        await _toMail.DisposeAsync();
        await _toStorage.DisposeAsync();
    }

    private async Task<FunctionApp> StartAsync() => await (await FunctionApp.StartAsync(
        typeof(Functions),
        _inbox,
        [
            .. dovecot.Settings(_user), new("Imap:port", _toMail.Port.ToString(CultureInfo.InvariantCulture)),
            new("AzureWebJobsStorage", azurite.ConnectionStringAt(_toStorage.Port)),
            new("AzureWebJobs:extensions:imapIdle:stateName", _user),
        ],
        options => options.IdleRenewal = TimeSpan.FromSeconds(10))).WatchingAsync();

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
