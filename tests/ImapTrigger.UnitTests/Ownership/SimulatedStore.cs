using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>The store of a simulation: many partitions, leases that run out by the simulated clock, and no cursor that goes back.</summary>
internal sealed class SimulatedStore(TimeProvider time)
{
    private readonly object _gate = new();
    private readonly Dictionary<int, Record> _records = [];
    private readonly Dictionary<string, (Presence Presence, DateTimeOffset At)> _seen = new(StringComparer.Ordinal);

    private readonly Dictionary<string, uint> _written = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);

    /// <summary>Nobody gets an answer.</summary>
    public bool IsAway { get; set; }

    public List<string> Violations { get; } = [];

    /// <summary>How far a mailbox was ever written, in whatever partition.</summary>
    public uint WrittenOf(string mailbox)
    {
        lock (_gate)
            return _written.GetValueOrDefault(mailbox);
    }

    /// <summary>Calls that were answered, by name.</summary>
    public int CountOf(string call) => _calls.GetValueOrDefault(call);

    /// <summary>The store as one instance reaches it.</summary>
    public IPartitionStore For(Func<bool> isCutOff) => new Link(this, isCutOff);

    private sealed class Record
    {
        public PartitionState State { get; set; } = PartitionState.Empty;

        public Guid Holder { get; set; }

        public DateTimeOffset Until { get; set; }
    }

    private sealed class Link(SimulatedStore store, Func<bool> isCutOff) : IPartitionStore
    {
        public string Location => "simulation";

        public Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken) => AskAsync(now =>
        {
            if (instance is not null)
                store._seen[instance.Name] = (instance, now);
            var partitions = store._records.ToDictionary(record => record.Key, record => new PartitionView(record.Value.Until > now, record.Value.State.Owner)
            {
                Watched = record.Value.State.Watched, Apart = record.Value.State.Apart,
            });
            var instances = store._seen.Values.Where(seen => now - seen.At < LeaseTiming.Presence).Select(seen => seen.Presence).ToArray();
            return new StoreAnswer<StoreView>(StoreOutcome.Done, new StoreView(partitions, instances));
        }, cancellationToken);

        public async Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken)
        {
            var answer = await AskAsync(_ => new StoreAnswer<object>(store._seen.Remove(instance) ? StoreOutcome.Done : StoreOutcome.Lost, null), cancellationToken);
            return new StoreAnswer(answer.Outcome);
        }

        public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => AskAsync(now =>
        {
            if (!store._records.TryGetValue(partition, out var record))
                store._records[partition] = record = new Record();
            if (record.Until > now && record.Holder != leaseId)
                return new StoreAnswer<PartitionState>(StoreOutcome.Busy, null);
            (record.Holder, record.Until) = (leaseId, now + LeaseTiming.Duration);
            return new StoreAnswer<PartitionState>(StoreOutcome.Done, record.State);
        }, cancellationToken);

        public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
            AsHolderAsync(partition, leaseId, (record, now) => record.Until = now + LeaseTiming.Duration, cancellationToken);

        public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken) => AsHolderAsync(partition, leaseId, (record, _) =>
        {
            foreach (var (mailbox, cursor) in record.State.Mailboxes)
            {
                if (!state.Apart.Contains(PartitionMap.OwnPartitionOf(mailbox)) && cursor.LastUid > (state.Mailboxes.GetValueOrDefault(mailbox)?.LastUid ?? 0))
                    store.Violations.Add($"The cursor of {mailbox} in partition {partition} went back.");
            }

            if (record.State.Epoch > state.Epoch || !record.State.Apart.IsSubsetOf(state.Apart))
                store.Violations.Add($"Partition {partition} went back.");
            foreach (var (mailbox, cursor) in state.Mailboxes)
                store._written[mailbox] = Math.Max(store._written.GetValueOrDefault(mailbox), cursor.LastUid);
            record.State = state;
        }, cancellationToken);

        public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
            AsHolderAsync(partition, leaseId, (record, now) => record.Until = now, cancellationToken);

        private async Task<StoreAnswer> AsHolderAsync(int partition, Guid leaseId, Action<Record, DateTimeOffset> act, CancellationToken cancellationToken)
        {
            var answer = await AskAsync(
                now =>
                {
                    // A lease that has run out and that nobody has taken is still its holder's, as in the service.
                    if (store._records.GetValueOrDefault(partition) is not { } record || record.Holder != leaseId)
                        return new StoreAnswer<object>(StoreOutcome.Lost, null);
                    act(record, now);
                    return new StoreAnswer<object>(StoreOutcome.Done, null);
                },
                cancellationToken);
            return new StoreAnswer(answer.Outcome, answer.Reason);
        }

        private async Task<StoreAnswer<T>> AskAsync<T>(Func<DateTimeOffset, StoreAnswer<T>> answer, CancellationToken cancellationToken, [CallerMemberName] string call = "")
            where T : class
        {
            store._calls.AddOrUpdate(call, 1, static (_, count) => count + 1);
            if (store.IsAway || isCutOff())
                await Task.Delay(Timeout.Infinite, cancellationToken);
            lock (store._gate)
                return answer(store.Now);
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
