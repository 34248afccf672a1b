using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Ownership;

/// <summary>
/// Strives for one partition as long as the app runs, and works while it is ours: among all instances of an app one works, the others
/// stand by. Whatever the store does, nothing is thrown: without an answer nobody works, and that is said.
/// </summary>
internal sealed class PartitionOwner
{
    /// <summary>For people who read the record.</summary>
    private static readonly string Instance =
        $"{Environment.GetEnvironmentVariable("WEBSITE_INSTANCE_ID") ?? Environment.MachineName}/{Environment.ProcessId}";

    private readonly TimedStore _store;
    private readonly int _partition;
    private readonly string _function;
    private readonly Func<PartitionLease, CancellationToken, Task> _work;
    private readonly LeaseTiming _timing;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private (StoreOutcome Outcome, string? Reason) _said;

    /// <param name="store">Where the partition lives.</param>
    /// <param name="partition">Which one.</param>
    /// <param name="function">For logs.</param>
    /// <param name="work">What to do while it is ours: until the token (stopping) or <see cref="PartitionLease.Lost"/> is signalled.</param>
    /// <param name="timing">The times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public PartitionOwner(
        IPartitionStore store,
        int partition,
        string function,
        Func<PartitionLease, CancellationToken, Task> work,
        LeaseTiming timing,
        TimeProvider time,
        ILogger logger)
    {
        _store = new TimedStore(store, timing.Call, time);
        _partition = partition;
        _function = function;
        _work = work;
        _timing = timing;
        _time = time;
        _logger = logger;
    }

    /// <summary>Runs until stopping and until the work has ended; then the last state is written and the lease free.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var answer = await AcquireAsync(stopping);
                if (answer.Value is { } lease)
                    await OwnAsync(lease, stopping);
                else
                    Tell(new StoreAnswer(answer.Outcome, answer.Reason));
                await Task.Delay(_timing.Acquire * (0.8 + (0.4 * Random.Shared.NextDouble())), _time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nothing is held here.
        }
    }

    /// <summary>Looks first: an acquisition that is refused is an error in the store's own monitoring, every few seconds, for ever.</summary>
    private async Task<StoreAnswer<PartitionLease>> AcquireAsync(CancellationToken stopping)
    {
        var held = await _store.CallAsync((store, token) => store.ListHeldAsync(token), stopping);
        if (held is not { Outcome: StoreOutcome.Done, Value: { } partitions })
            return new StoreAnswer<PartitionLease>(held.Outcome, null, held.Reason);
        return partitions.Contains(_partition)
            ? new StoreAnswer<PartitionLease>(StoreOutcome.Busy, null)
            : await PartitionLease.AcquireAsync(_store, _partition, Instance, _timing, _time, _logger, stopping);
    }

    private async Task OwnAsync(PartitionLease lease, CancellationToken stopping)
    {
        _said = default;
        _logger.PartitionOwned(_function, _partition, _store.Location);
        try
        {
            await _work(lease, stopping);
        }
        catch (Exception e)
        {
            // Nothing known throws here; if something does, the next round begins anew (law 11).
            _logger.WorkFailed(_function, _partition, e);
        }

        await lease.DisposeAsync();
        if (lease.Lost.IsCancellationRequested)
            _logger.PartitionLost(_function, _partition, lease.LostReason);
        else
            _logger.PartitionReleased(_function, _partition);
    }

    /// <summary>Every five seconds would be noise: each state is told when it begins.</summary>
    private void Tell(StoreAnswer answer)
    {
        if (_said == (answer.Outcome, answer.Reason))
            return;
        _said = (answer.Outcome, answer.Reason);
        if (answer.Outcome == StoreOutcome.Busy)
            _logger.StandingBy(_function, _partition);
        else
            _logger.StoreUnusable(
                answer.Outcome == StoreOutcome.Unreachable ? LogLevel.Warning : LogLevel.Error, _function, _partition, _store.Location, answer.Reason ?? "no reason given");
    }
}
