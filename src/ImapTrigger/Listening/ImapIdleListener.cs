using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Azure.WebJobs.Host.Listeners;
using Microsoft.Azure.WebJobs.Host.Scale;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// One function's listener: strives for the partitions of its mailboxes and watches those that are ours. Two tokens, never one (law 5):
/// stopping begins no further calls, cancelling also ends those that run. <see cref="StartAsync"/> touches no network (law 9).
/// </summary>
internal sealed class ImapIdleListener : IListener, IScaleMonitorProvider, ITargetScalerProvider
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cancelling = new();
    private readonly ILookup<int, MailboxSource> _sources;
    private readonly string _function;
    private readonly ITriggeredFunctionExecutor _executor;
    private readonly AfterActions _actions;
    private readonly FunctionState _state;
    private readonly ConnectGate _connectGate;
    private readonly ListenerSettings _settings;
    private readonly IDrainModeManager _drain;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PartitionOwner _owner;
    private readonly ImapIdleScalerProvider _scalers;
    private readonly Adoption _adoption;
    private Task? _running;

    public ImapIdleListener(
        TriggerSettings trigger,
        string function,
        ITriggeredFunctionExecutor executor,
        FunctionState state,
        ImapIdleScalerProvider scalers,
        ConnectGate gate,
        ListenerSettings settings,
        IDrainModeManager drain,
        TimeProvider time,
        ILogger logger)
    {
        _sources = trigger.Mailboxes.Select(source => source with { Function = function }).ToLookup(source => source.Partition);
        _function = function;
        _executor = executor;
        _actions = trigger.Actions;
        _state = state;
        _scalers = scalers;
        _connectGate = gate;
        _settings = settings;
        _drain = drain;
        _time = time;
        _logger = logger;
        _adoption = new Adoption(state.LeftBehind, [.. trigger.Mailboxes.Select(source => source.Key)], time, logger);
        _owner = new PartitionOwner(
            state.Partitions, [.. _sources.Select(partition => partition.Key)], PartitionOwner.NewInstanceName(), function, WatchAsync, settings.Lease, time, logger);
    }

    public IScaleMonitor GetMonitor() => _scalers.GetMonitor();

    public ITargetScaler GetTargetScaler() => _scalers.GetTargetScaler();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Metrics.Announce(_function);
        lock (_gate)
        {
            if (_running is not null)
                throw new InvalidOperationException($"The listener of function '{_function}' has been started already.");
            // What runs on is not part of the start: neither of its activity nor of its log scope.
            using (ExecutionContext.SuppressFlow())
                _running = Task.Run(() => _owner.RunAsync(_stopping.Token), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    /// <summary>Ends when the running calls have ended and the lease is released, or when the host's patience ends.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        // In drain mode the host lets calls finish.
        if (!_drain.IsDrainModeEnabled)
            await _cancelling.CancelAsync();
        Task? running;
        lock (_gate)
            running = _running;
        if (running is not null)
            await running.WaitAsync(cancellationToken);
    }

    public void Cancel()
    {
        _stopping.Cancel();
        _cancelling.Cancel();
    }

    // The sources are not disposed: a call that outlives the host's patience still looks at their tokens.
    public void Dispose() => Cancel();

    private async Task WatchAsync(int partition, PartitionLease lease, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(_cancelling.Token, lease.Lost);
        await Task.WhenAll(_sources[partition].Select(source => WatchAsync(source, lease, cancelling.Token, ending.Token)));
    }

    private async Task WatchAsync(MailboxSource source, PartitionLease lease, CancellationToken cancelling, CancellationToken ending)
    {
        var log = new LeasedCursor(lease, source.Key);
        var requests = new SessionRequests();
        var access = new MailboxAccess(source, requests, log, _logger);
        var replays = new ReplayLoop(source, _state.Poison, access, _time, _logger);
        var call = new FunctionCall(_function, _executor, cancelling);
        var settlement = new Settlement(source.Key, _function, _actions, _state.Poison, access, log, _time, _logger);
        var delivery = new EventDelivery(source.Key, call, settlement, log, _settings.Delivery, _time, _logger);
        var watch = new MailboxWatch(source, lease.CursorOf(source.Key), _adoption, log, NewLine, requests, _actions.Any, _connectGate, _settings.Watch, _time, _logger);
        await watch.RunAsync(ending);

        DeliveryLine NewLine(MailboxCursor start)
        {
            var cursor = new CursorTracker(start, _time);
            var pump = new DeliveryPump(cursor, log, access, delivery, _settings.Delivery);
            return new DeliveryLine(cursor, log, pump, (line, token) => replays.RunAsync(line, start.UidValidity, token), careful: !lease.WasClean, ending);
        }
    }
}
