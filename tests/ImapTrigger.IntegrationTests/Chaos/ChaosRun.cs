using System.Diagnostics;
using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>Three host processes, Dovecot, Azurite, a sender, and everything that can go wrong between them.</summary>
internal sealed class ChaosRun(DovecotServer dovecot, AzuriteServer azurite, int seed, TimeSpan length, Action<string> tell) : IAsyncDisposable
{
    private const int Hosts = 3;
    private const string User = "chaos";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly TcpFaultProxy _toMail = TcpFaultProxy.Start("127.0.0.1", dovecot.TlsPort);
    private readonly TcpFaultProxy _toStorage = TcpFaultProxy.Start("127.0.0.1", azurite.Port);
    private readonly HostProcess[] _hosts = new HostProcess[Hosts];

    public ChaosLedger Ledger { get; } = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Hosts; i++)
            await StartAsync(i);
        await WaitAsync(() => _hosts.Any(host => host.Lines.Any(line => line.EventId == 300)), TimeSpan.FromMinutes(1), cancellationToken);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(ending.Token);
        foreach (var fault in ChaosSchedule.Of(seed, length, Hosts))
        {
            await Task.Delay(fault.After, cancellationToken);
            await HappenAsync(fault, cancellationToken);
        }

        await ending.CancelAsync();
        Ledger.Sent = await sending;
        tell($"{Ledger.Sent} sent; waiting for the last of them.");
        await WaitAsync(() => Ledger.Delivered == Ledger.Sent, Patience, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Where(host => host is not null))
            await host.DisposeAsync();
        await _toMail.DisposeAsync();
        await _toStorage.DisposeAsync();
    }

    private async Task HappenAsync(ChaosEvent fault, CancellationToken cancellationToken)
    {
        var target = fault.Host >= 0 ? fault.Host : OwnerOr(0);
        var from = Stopwatch.GetTimestamp();
        tell($"{fault.Action}{(fault.Action <= ChaosAction.Pause ? $" of host {target}" : "")}{(fault.Lasts > TimeSpan.Zero ? $", {fault.Lasts.TotalSeconds:0} s" : "")}");
        switch (fault.Action)
        {
            case ChaosAction.Kill:
                await _hosts[target].KillAsync();
                Ledger.Died(_hosts[target]);
                await Task.Delay(fault.Lasts, cancellationToken);
                await StartAsync(target);
                break;
            case ChaosAction.Terminate:
                await _hosts[target].SignalAsync("TERM");
                await _hosts[target].WaitForExitAsync();
                Ledger.Died(_hosts[target]);
                await Task.Delay(fault.Lasts, cancellationToken);
                await StartAsync(target);
                break;
            case ChaosAction.Pause:
                await _hosts[target].SignalAsync("STOP");
                await Task.Delay(fault.Lasts, cancellationToken);
                await _hosts[target].SignalAsync("CONT");
                break;
            case ChaosAction.RestartMail:
                await dovecot.RestartAsync();
                break;
            case ChaosAction.RestartStorage:
                await azurite.RestartAsync();
                break;
            case ChaosAction.CutMail:
                _toMail.Cut();
                break;
            case ChaosAction.CutStorage:
                _toStorage.Cut();
                break;
            case ChaosAction.BlackHoleMail:
                await HoleAsync(_toMail, fault.Lasts, cancellationToken);
                break;
            case ChaosAction.BlackHoleStorage:
                await HoleAsync(_toStorage, fault.Lasts, cancellationToken);
                break;
        }

        Ledger.Happened(fault.Action, from);
    }

    private static async Task HoleAsync(TcpFaultProxy proxy, TimeSpan lasts, CancellationToken cancellationToken)
    {
        proxy.BlackHole = true;
        await Task.Delay(lasts, cancellationToken);
        proxy.BlackHole = false;
    }

    private Task StartAsync(int i)
    {
        _hosts[i] = HostProcess.Start(
        [
            .. dovecot.Settings(User).Where(setting => setting.Key != "Imap:port"), new("Imap:port", _toMail.Port.ToString(CultureInfo.InvariantCulture)),
            new("AzureWebJobsStorage", azurite.ConnectionStringAt(_toStorage.Port)), new("AzureWebJobs:extensions:imapIdle:idleRenewal", "00:00:15"),
        ]);
        Ledger.Started(_hosts[i]);
        return Task.CompletedTask;
    }

    private int OwnerOr(int otherwise)
    {
        var owner = Array.FindIndex(_hosts, host => !host.HasExited && host.Lines.LastOrDefault(line => line.EventId is 200 or 202 or 203)?.EventId == 200);
        return owner >= 0 ? owner : otherwise;
    }

    /// <summary>A message every 50 to 450 ms; returns how many.</summary>
    private async Task<int> SendAsync(CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var sent = 0;
        try
        {
            while (true)
            {
                await dovecot.DeliverAsync(User, [OddMessages.Plain($"c{sent}")]);
                sent++;
                await Task.Delay(random.Next(50, 450), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return sent;
        }
    }

    private static async Task WaitAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(began) < patience)
            await Task.Delay(100, cancellationToken);
    }
}
