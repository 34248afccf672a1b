using System.Collections.Concurrent;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>
/// Instances that share partitions while they crash, freeze and lose the store at random. Never two owners inside their deadlines, no cursor that
/// goes back, everything delivered, and fair shares in the end. The seed gives the same faults again.
/// </summary>
public sealed class OwnershipSimulation
{
    private const int Partitions = 10;
    private const int Instances = 4;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    // Lease and acquire, one more look for those who saw too many instances, and the steps in between.
    private static readonly TimeSpan MaxUnowned = LeaseTiming.Duration + (LeaseTiming.Default.Acquire * 2) + (Step * 4);

    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedStore _store;
    private readonly Instance?[] _instances = new Instance?[Instances];
    private readonly uint[] _produced = new uint[Partitions];
    private readonly ConcurrentDictionary<(int Partition, uint Number), int> _delivered = new();
    private readonly DateTimeOffset[] _ownedAt = new DateTimeOffset[Partitions];
    private DateTimeOffset _disturbed;

    public OwnershipSimulation() => _store = new SimulatedStore(_time);

    public static TheoryData<int> Seeds => [1, 2, 3, Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_happens_to_instances_and_store(int seed)
    {
        var random = new Random(seed);
        Array.Fill(_ownedAt, _time.GetUtcNow());
        for (var i = 0; i < Instances; i++)
            _instances[i] = new Instance(this);

        for (var end = _time.GetUtcNow() + Length; _time.GetUtcNow() < end;)
        {
            if (random.Next(30) == 0)
                Disturb(random);
            await StepAsync(seed);
        }

        _store.IsAway = false;
        for (var i = 0; i < Instances; i++)
        {
            _instances[i] ??= new Instance(this);
            _instances[i]!.PausedUntil = default;
        }

        _disturbed = _time.GetUtcNow();
        for (var end = _time.GetUtcNow() + TimeSpan.FromMinutes(3); _time.GetUtcNow() < end;)
            await StepAsync(seed);

        var shares = _instances.Select(instance => instance!.Held).Order().ToArray();
        Assert.True(shares.Sum() == Partitions && shares[^1] - shares[0] <= 1, $"Seed {seed}: shares are {string.Join(", ", shares)}.");
        for (var partition = 0; partition < Partitions; partition++)
        {
            for (uint number = 1; number <= _produced[partition]; number++)
                Assert.True(_delivered.ContainsKey((partition, number)), $"Seed {seed}: event {number} of partition {partition} was not delivered.");
        }

        Assert.True(_store.Violations.Count == 0, $"Seed {seed}: {string.Join(' ', _store.Violations)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{_produced.Sum(count => count)} events, {_delivered.Values.Sum(count => count - 1)} came again; shares {string.Join(", ", shares)}.");
        foreach (var instance in _instances)
            await instance!.DisposeAsync();
    }

    private void Disturb(Random random)
    {
        var i = random.Next(Instances);
        switch (random.Next(5))
        {
            case 0 when _instances[i] is { } crashing:
                crashing.Crash();
                _instances[i] = null;
                break;
            case 1 or 0:
                _instances[i] ??= new Instance(this);
                break;
            case 2 when _instances[i] is { } frozen:
                frozen.PausedUntil = _time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(60));
                break;
            case 3:
                _store.IsAway = true;
                break;
            default:
                _store.IsAway = false;
                break;
        }

        _disturbed = _time.GetUtcNow();
    }

    private async Task StepAsync(int seed)
    {
        _time.Advance(Step);
        await Task.Delay(1);
        var now = _time.GetUtcNow();
        for (var partition = 0; partition < Partitions; partition++)
        {
            _produced[partition]++;
            var owners = _instances.OfType<Instance>().Count(instance => instance.Holds(partition));
            Assert.True(owners <= 1, $"Seed {seed}: {owners} owners of partition {partition}.");
            if (owners == 1 || _store.IsAway || _instances.All(instance => instance is null || instance.PausedUntil > now))
                _ownedAt[partition] = now;
            var since = _ownedAt[partition] > _disturbed ? _ownedAt[partition] : _disturbed;
            Assert.True(now - since <= MaxUnowned || _instances.OfType<Instance>().Any(instance => instance.PausedUntil > now), $"Seed {seed}: nobody owns partition {partition} for {now - since}.");
        }

        foreach (var instance in _instances.OfType<Instance>().Where(instance => instance.PausedUntil <= now))
            instance.Deliver();
    }

    /// <summary>One instance of the app, with whatever partitions it has.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly OwnershipSimulation _simulation;
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentDictionary<int, PartitionLease> _leases = new();
        private readonly Task _running;
        private volatile bool _crashed;

        public Instance(OwnershipSimulation simulation)
        {
            _simulation = simulation;
            var store = simulation._store.For(() => _crashed || PausedUntil > simulation._time.GetUtcNow());
            _running = new PartitionOwner(
                store,
                Enumerable.Range(0, Partitions).ToDictionary(partition => PartitionState.Count + partition, partition => $"m{partition}"),
                WorkAsync,
                new OwnerContext("f", LeaseTiming.Default, simulation._time, NullLogger.Instance)).RunAsync(_stopping.Token);
        }

        public DateTimeOffset PausedUntil { get; set; }

        public int Held => _leases.Values.Count(lease => lease.IsHeld);

        public bool Holds(int partition) => _leases.TryGetValue(partition, out var lease) && lease.IsHeld;

        public void Crash() => _crashed = true;

        /// <summary>Everything that is due in the partitions that are ours at this moment.</summary>
        public void Deliver()
        {
            foreach (var (partition, lease) in _leases)
            {
                var cursor = lease.CursorOf("m") ?? new MailboxCursor { UidValidity = 1, LastUid = 0 };
                for (var next = cursor.LastUid + 1; next <= _simulation._produced[partition] && lease.IsHeld; next++)
                {
                    _simulation._delivered.AddOrUpdate((partition, next), 1, static (_, count) => count + 1);
                    lease.Put("m", cursor with { LastUid = next });
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _simulation._time.PassUntilAsync(() => _running.IsCompleted);
            await _running;
            _stopping.Dispose();
        }

        private async Task WorkAsync(int partition, PartitionLease lease, CancellationToken ending)
        {
            _leases[partition] = lease;
            await Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            _leases.TryRemove(partition, out _);
        }
    }
}
