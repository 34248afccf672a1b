using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>One partition in memory, with a lease that runs out by the given clock, and answers that a test dictates.</summary>
internal sealed class MemoryPartitionStore(TimeProvider time) : IPartitionStore
{
    private readonly object _gate = new();
    private Guid? _holder;
    private DateTimeOffset _until;

    public string Location => "memory";

    /// <summary>Instead of the truth, for every call or for one kind of call.</summary>
    public Func<string, StoreAnswer?> Says { get; set; } = _ => null;

    public PartitionState State { get; set; } = PartitionState.Empty;

    /// <summary>How many messages are open.</summary>
    public long Open { get; set; }

    public List<string> Calls { get; } = [];

    public int CountOf(string call)
    {
        lock (_gate)
            return Calls.Count(made => made == call);
    }

    /// <summary>Another instance takes the lease away, as after a long pause of ours.</summary>
    public void Steal()
    {
        lock (_gate)
            (_holder, _until) = (Guid.NewGuid(), time.GetUtcNow() + LeaseTiming.Duration);
    }

    public Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var answer = Told("list") ?? StoreAnswer.Done;
            var partitions = new Dictionary<int, PartitionView> { [0] = new(IsHeld, State.Owner) { Watched = State.Watched, Apart = State.Apart } };
            return Task.FromResult(new StoreAnswer<StoreView>(answer.Outcome, answer.Outcome == StoreOutcome.Done ? new StoreView(partitions, [], Open) : null, answer.Reason));
        }
    }

    public Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken) => Task.FromResult(StoreAnswer.Done);

    public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var answer = Told("acquire") ?? new StoreAnswer(IsHeld && _holder != leaseId ? StoreOutcome.Busy : StoreOutcome.Done);
            if (answer.Outcome != StoreOutcome.Done)
                return Task.FromResult(new StoreAnswer<PartitionState>(answer.Outcome, null, answer.Reason));
            (_holder, _until) = (leaseId, time.GetUtcNow() + LeaseTiming.Duration);
            return Task.FromResult(new StoreAnswer<PartitionState>(StoreOutcome.Done, State));
        }
    }

    public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
        AsHolder("renew", leaseId, () => _until = time.GetUtcNow() + LeaseTiming.Duration);

    public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken) =>
        AsHolder("write", leaseId, () => State = state);

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
        AsHolder("release", leaseId, () => _holder = null);

    private bool IsHeld => _holder is not null && time.GetUtcNow() < _until;

    private Task<StoreAnswer> AsHolder(string call, Guid leaseId, Action act)
    {
        lock (_gate)
        {
            var answer = Told(call) ?? new StoreAnswer(_holder == leaseId ? StoreOutcome.Done : StoreOutcome.Lost);
            if (answer.Outcome == StoreOutcome.Done)
                act();
            return Task.FromResult(answer);
        }
    }

    private StoreAnswer? Told(string call)
    {
        Calls.Add(call);
        return Says(call);
    }
}
