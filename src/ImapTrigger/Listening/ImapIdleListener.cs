using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using ImapTrigger.Supervision;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Listeners;
using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Listening;

/// <summary>
/// One function's listener: strives for the partitions of its mailboxes and watches those that are ours. Stopping, cancelling and abandoning are three things (law 5): the
/// first begins no further calls, the second tells those that run to end, the third waits for them no longer. <see cref="StartAsync"/> touches no network (law 9).
/// </summary>
internal sealed class ImapIdleListener : IListener, IScaleMonitorProvider, ITargetScalerProvider
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cancelling = new();
    private readonly CancellationTokenSource _abandoning;
    private readonly MailboxRoster _roster;
    private readonly ListenedFunction _function;
    private readonly ListenerContext _context;
    private readonly ImapIdleScalerProvider _scalers;
    private readonly IDrainModeManager _drain;
    private readonly OwnerContext _owner;
    private readonly ReplayLoop _replays;
    private readonly RunningCalls _calls;
    private readonly MailboxWork _work;
    private readonly ApplicationInsightsMetrics _insights;
    private Task? _running;

    public ImapIdleListener(ListenedFunction function, MailboxRoster roster, ImapIdleScalerProvider scalers, IDrainModeManager drain, ListenerContext context, ApplicationInsightsMetrics insights)
    {
        _function = function;
        _context = context;
        _scalers = scalers;
        _drain = drain;
        _insights = insights;
        _abandoning = new CancellationTokenSource(Timeout.InfiniteTimeSpan, context.Time);
        _roster = roster;
        _owner = new OwnerContext(function.Name, context.Settings.Lease, context.Time, context.Logger);
        _replays = new ReplayLoop(function.Name, function.State.Poison, context.Time, context.Logger);
        _calls = new RunningCalls(function.Name, context.Time, context.Logger);
        _work = new MailboxWork(function, roster, context, _owner.Supervisor, _replays, _calls);
    }

    public IScaleMonitor GetMonitor() => _scalers.GetMonitor();

    public ITargetScaler GetTargetScaler() => _scalers.GetTargetScaler();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_running is not null)
                throw new InvalidOperationException($"The listener of function '{_function.Name}' has been started already.");
            // Here and not in a hosted service, which a Functions host refuses of an extension.
            var sending = _insights.Begin();
            Metrics.Announce(_function.Name);
            // What runs on is not part of the start: neither of its activity nor of its log scope.
            using (ExecutionContext.SuppressFlow())
                _running = Task.Run(() => RunAsync(sending), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Ends when the running calls have ended and the lease is released, or when the host's patience ends: then the calls have a grace period more, and ownership ends
    /// without them.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        // In drain mode the host lets calls finish.
        if (!_drain.IsDrainModeEnabled)
            await _cancelling.CancelAsync();
        Task? running;
        lock (_gate)
            running = _running;
        if (running is null)
            return;
        if (_calls.Count > 0)
            _context.Logger.StopWaits(_function.Name, _calls.Count, _context.HostPatience + _context.Settings.StopGracePeriod, _calls.ToString());
        // By our own clock: a WebJobs host does not say when its patience ends.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(running, Task.Delay(_context.HostPatience, _context.Time, patience.Token));
        await patience.CancelAsync();
        if (!running.IsCompleted)
            Cancel();
    }

    public void Cancel()
    {
        _stopping.Cancel();
        _cancelling.Cancel();
        _abandoning.CancelAfter(_context.Settings.StopGracePeriod);
    }

    // The sources are not disposed: a call that outlives the host's patience still looks at their tokens.
    public void Dispose() => Cancel();

    private async Task RunAsync(IDisposable sending)
    {
        using var sent = sending;
        using var guard = PoolGuard.Begin();
        var owner = new PartitionOwner(_function.State.Partitions, _roster.Current.Names, WatchAsync, _owner);
        _roster.Changed += () => owner.Want(_roster.Current.Names);
        await Task.WhenAll(
            owner.RunAsync(_stopping.Token),
            _owner.Supervisor.RunAsync("listing", $"the mailboxes of '{_function.Trigger.Source.Connection}'", _roster.FollowAsync, _stopping.Token),
            _owner.Supervisor.RunAsync("replaying", "poisoned messages", _replays.RunAsync, _stopping.Token));
        _calls.Dispose();
    }

    private Task WatchAsync(int partition, PartitionLease lease, CancellationToken ending) =>
        new PartitionWork(partition, lease, _roster, (source, ended) => WatchMailboxAsync(source, lease, ended)).RunAsync(ending);

    private async Task WatchMailboxAsync(MailboxSource source, PartitionLease lease, CancellationToken ending)
    {
        using var patience = new CallPatience(
            _context.Settings.StopGracePeriod, _context.Time, new CallTokens(_cancelling.Token, _abandoning.Token), _stopping.Token, lease.Lost, ending);
        await _work.RunAsync(source, lease, patience.Tokens, ending);
    }
}
