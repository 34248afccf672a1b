using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Ownership;

/// <summary>
/// Strives for this instance's share of a function's partitions as long as the app runs, and works on each while it is ours; the others
/// stand by. Whatever the store does, nothing is thrown: without an answer nobody works, and that is said.
/// </summary>
internal sealed class PartitionOwner
{
    private readonly Dictionary<int, Ownership> _owned = [];
    private readonly TimedStore _store;
    private readonly IReadOnlyCollection<int> _wanted;
    private readonly string _instance;
    private readonly string _function;
    private readonly Func<int, PartitionLease, CancellationToken, Task> _work;
    private readonly LeaseTiming _timing;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private (StoreOutcome Outcome, string? Reason) _said;

    /// <param name="store">Where the partitions live.</param>
    /// <param name="wanted">Those that have mailboxes.</param>
    /// <param name="instance">Our name among the instances.</param>
    /// <param name="function">For logs.</param>
    /// <param name="work">What to do while one is ours: until the token (stopping) or <see cref="PartitionLease.Lost"/> is signalled.</param>
    /// <param name="timing">The times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public PartitionOwner(
        IPartitionStore store,
        IReadOnlyCollection<int> wanted,
        string instance,
        string function,
        Func<int, PartitionLease, CancellationToken, Task> work,
        LeaseTiming timing,
        TimeProvider time,
        ILogger logger)
    {
        _store = new TimedStore(store, timing.Call, time);
        _wanted = wanted;
        _instance = instance;
        _function = function;
        _work = work;
        _timing = timing;
        _time = time;
        _logger = logger;
    }

    /// <summary>A name of our own, readable, for this process and this listener.</summary>
    public static string NewInstanceName() =>
        $"{(Environment.GetEnvironmentVariable("WEBSITE_INSTANCE_ID") is { Length: > 0 } id ? id : Environment.MachineName)}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Runs until stopping and until the work has ended; then the last state is written and the leases are free.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await StriveAsync(stopping);
                await Task.Delay(_timing.Acquire * (0.6 + (0.4 * Random.Shared.NextDouble())), _time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is held ends by the same token.
        }

        await Task.WhenAll(_owned.Values.Select(owned => owned.Running));
        if (_wanted.Count > 1)
            await _store.CallAsync((store, token) => store.LeaveAsync(_instance, token), CancellationToken.None);
    }

    private async Task StriveAsync(CancellationToken stopping)
    {
        foreach (var (partition, owned) in _owned.Where(entry => entry.Value.Running.IsCompleted).ToArray())
        {
            owned.Dispose();
            _owned.Remove(partition);
        }

        // A single partition that is ours leaves nothing to strive for.
        if (_wanted.Count == _owned.Count && _wanted.Count == 1)
            return;
        // Looking first: an acquisition that is refused is an error in the store's own monitoring, every few seconds, for ever.
        var look = await _store.CallAsync((store, token) => store.LookAsync(_wanted.Count > 1 ? _instance : null, token), stopping);
        if (look is not { Outcome: StoreOutcome.Done, Value: { } view })
        {
            Tell(new StoreAnswer(look.Outcome, look.Reason));
            return;
        }

        var (acquire, release) = FairShare.Plan(_wanted, view, _owned.Keys, _instance);
        foreach (var partition in release)
            await _owned[partition].EndAsync();
        foreach (var partition in acquire)
            await AcquireAsync(partition, stopping);
        if (_owned.Count == 0 && acquire.Count == 0)
            Tell(new StoreAnswer(StoreOutcome.Busy));
    }

    private async Task AcquireAsync(int partition, CancellationToken stopping)
    {
        var answer = await PartitionLease.AcquireAsync(_store, partition, _instance, _timing, _time, _logger, stopping);
        if (answer.Value is not { } lease)
        {
            Tell(new StoreAnswer(answer.Outcome, answer.Reason));
            return;
        }

        _said = default;
        _logger.PartitionOwned(_function, partition, _store.Location);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _owned[partition] = new Ownership(ending, OwnAsync(partition, lease, ending.Token));
    }

    private async Task OwnAsync(int partition, PartitionLease lease, CancellationToken stopping)
    {
        Metrics.Partitions.Add(_function, 1);
        try
        {
            await Task.Yield();
            await _work(partition, lease, stopping);
        }
        catch (Exception e)
        {
            // Nothing known throws here; if something does, the next round begins anew (law 11).
            _logger.WorkFailed(_function, partition, e);
        }

        await lease.DisposeAsync();
        Metrics.Partitions.Add(_function, -1);
        if (lease.Lost.IsCancellationRequested)
            _logger.PartitionLost(_function, partition, lease.LostReason);
        else
            _logger.PartitionReleased(_function, partition);
    }

    /// <summary>Every five seconds would be noise: each state is told when it begins.</summary>
    private void Tell(StoreAnswer answer)
    {
        if (_said == (answer.Outcome, answer.Reason))
            return;
        _said = (answer.Outcome, answer.Reason);
        if (answer.Outcome == StoreOutcome.Busy)
            _logger.StandingBy(_function);
        else
            _logger.StoreUnusable(
                answer.Outcome == StoreOutcome.Unreachable ? LogLevel.Warning : LogLevel.Error, _function, _store.Location, answer.Reason ?? "no reason given");
    }

    /// <summary>A partition that is ours, the work on it, and how to end it without ending the rest.</summary>
    private sealed class Ownership(CancellationTokenSource ending, Task running) : IDisposable
    {
        public Task Running { get; } = running;

        public Task EndAsync() => ending.CancelAsync();

        public void Dispose() => ending.Dispose();
    }
}
