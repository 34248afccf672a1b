using System.Diagnostics;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>Three hosts, Dovecot, Azurite, a sender, and everything that can go wrong between them.</summary>
internal sealed class ChaosRun(DovecotServer dovecot, AzuriteServer azurite, int seed, TimeSpan length, Action<string> tell) : IAsyncDisposable
{
    private const int Hosts = 3;
    private const string User = "chaos";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly ChaosHost[] _hosts = Enumerable.Range(0, Hosts).Select(_ => new ChaosHost(dovecot, azurite, User)).ToArray();

    public ChaosLedger Ledger { get; } = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var host in _hosts)
            Ledger.Started(host.Start().Output);
        await WaitAsync(() => _hosts.Any(host => host.Process.Output.Lines.Any(line => line.EventId == 300)), TimeSpan.FromMinutes(1), cancellationToken);

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
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }

    private async Task HappenAsync(ChaosEvent fault, CancellationToken cancellationToken)
    {
        var target = fault.Host == ChaosEvent.Owner ? Math.Max(0, Array.FindIndex(_hosts, host => host.IsOwner)) : fault.Host;
        ChaosHost[] befallen = target == ChaosEvent.All ? _hosts : [_hosts[target]];
        var processes = befallen.Select(host => host.Process.Output).ToArray();
        var from = Stopwatch.GetTimestamp();
        tell($"{fault.Kind} of {(target == ChaosEvent.All ? "all" : $"host {target}")}{(fault.Lasts > TimeSpan.Zero ? $", {fault.Lasts.TotalSeconds:0} s" : "")}");
        switch (fault.Action)
        {
            case ChaosAction.Kill:
                await befallen[0].Process.KillAsync();
                await ReplaceAsync(befallen[0], fault.Lasts, cancellationToken);
                break;
            case ChaosAction.Terminate:
                await befallen[0].Process.SignalAsync("TERM");
                await befallen[0].Process.WaitForExitAsync();
                await ReplaceAsync(befallen[0], fault.Lasts, cancellationToken);
                break;
            case ChaosAction.Freeze:
                await befallen[0].Process.SignalAsync("STOP");
                await Task.Delay(fault.Lasts, cancellationToken);
                await befallen[0].Process.SignalAsync("CONT");
                break;
            case ChaosAction.RestartMail:
                await dovecot.RestartAsync();
                break;
            case ChaosAction.RestartStorage:
                await azurite.RestartAsync();
                break;
            default:
                foreach (var host in befallen)
                    host.Fail(fault.Action, fault.Path);
                await Task.Delay(fault.Lasts, cancellationToken);
                foreach (var host in befallen)
                    host.Mend(fault.Path);
                break;
        }

        Ledger.Happened(fault, processes, from);
    }

    private async Task ReplaceAsync(ChaosHost host, TimeSpan after, CancellationToken cancellationToken)
    {
        Ledger.Died(host.Process.Output);
        await Task.Delay(after, cancellationToken);
        Ledger.Started(host.Start().Output);
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
