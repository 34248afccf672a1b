using System.Collections.Concurrent;
using System.Globalization;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>Three thousand mailboxes under mail, and instances that join, leave and are killed. The output has the figures of docs/scaling.md.</summary>
public sealed class RebalancingTests
{
    private const int Mailboxes = 3000;

    /// <summary>How long a login takes; few are made at a time (<see cref="ConnectGate"/>).</summary>
    private static readonly TimeSpan Login = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedStore _store;
    private readonly List<Instance> _instances = [];
    private readonly Dictionary<int, string> _names = Enumerable.Range(0, 2 * Mailboxes).Select(i => $"u{i}@h/INBOX").DistinctBy(PartitionMap.OwnPartitionOf).Take(Mailboxes).ToDictionary(PartitionMap.OwnPartitionOf);
    private readonly int[] _numbers;
    private readonly Dictionary<int, uint> _sent = [];
    private readonly ConcurrentDictionary<(int Mailbox, uint Uid), int> _delivered = new();
    private readonly Random _random = new(11);

    public RebalancingTests()
    {
        _store = new SimulatedStore(_time);
        _numbers = [.. _names.Keys];
    }

    [Fact]
    public async Task Shares_are_fair_soon_after_each_join_leave_and_kill_and_nothing_is_lost()
    {
        Start();
        Start();
        await UntilFairAsync("the first two start", Limit);
        Start();
        await UntilFairAsync("a third joins", Limit);
        var leaving = _instances[0];
        _instances.Remove(leaving);
        var left = leaving.DisposeAsync().AsTask();
        await UntilFairAsync("one leaves", Limit);
        await left;
        Start();
        await UntilFairAsync("it comes back", Limit);

        var again = Again;
        _instances[1].Kill();
        _instances.RemoveAt(1);
        await UntilFairAsync("one is killed", LeaseTiming.Duration + Limit);
        // Law 17: of a third of the mail, what came in four seconds at most.
        Assert.InRange(Again - again, 0, 4 * PerSecond);
        Assert.Equal(0, again);

        foreach (var (mailbox, count) in _sent)
        {
            for (uint uid = 1; uid <= count; uid++)
                Assert.True(_delivered.ContainsKey((mailbox, uid)), $"Message {uid} of {_names[mailbox]} is lost.");
        }

        Assert.Empty(_store.Violations);
        var logins = _instances.Max(instance => instance.MostLogins);
        Assert.InRange(logins, 1, 16);
        Tell($"{_delivered.Count} messages, none lost, {Again} came twice; at most {logins} logins at a time and instance");
        foreach (var instance in _instances)
            await RunAsync(instance.DisposeAsync().AsTask());
    }

    private const int PerSecond = 100;

    private int Again => _delivered.Values.Sum(count => count - 1);

    private void Start() => _instances.Add(new Instance(this));

    private async Task UntilFairAsync(string what, TimeSpan limit)
    {
        var (began, fair) = (_time.GetUtcNow(), (TimeSpan?)null);
        while (true)
        {
            await StepAsync();
            var passed = _time.GetUtcNow() - began;
            var shares = _instances.Select(instance => instance.Partitions).Order().ToArray();
            if (fair is null && shares.Sum() == PartitionState.Count && shares[^1] - shares[0] <= 1)
                fair = passed;
            Assert.True(fair is not null || passed < limit, $"After {what}, shares are {string.Join(", ", shares)}.");
            if (_instances.Sum(instance => instance.Watched) == Mailboxes && fair is not null && _sent.All(entry => _delivered.ContainsKey((entry.Key, entry.Value))))
            {
                Tell(string.Create(CultureInfo.InvariantCulture, $"{what}: fair shares ({string.Join(", ", shares)} partitions) after {fair.Value.TotalSeconds:0.0} s, every mailbox watched after {passed.TotalSeconds:0.0} s"));
                return;
            }

            Assert.True(passed < limit + TimeSpan.FromSeconds(30), $"After {what}, {_instances.Sum(instance => instance.Watched)} mailboxes are watched.");
        }
    }

    private async Task RunAsync(Task task)
    {
        while (!task.IsCompleted)
            await StepAsync();
        await task;
    }

    private async Task StepAsync()
    {
        _time.Advance(Step);
        await Task.Delay(1);
        for (var i = 0; i < PerSecond * Step.TotalSeconds; i++)
        {
            var mailbox = _numbers[_random.Next(_numbers.Length)];
            _sent[mailbox] = _sent.GetValueOrDefault(mailbox) + 1;
        }

        foreach (var instance in _instances)
            instance.Deliver();
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private sealed class Instance : IAsyncDisposable
    {
        private readonly RebalancingTests _test;
        private readonly CancellationTokenSource _stopping = new();
        private readonly ConcurrentDictionary<int, PartitionLease> _leases = new();
        private readonly ConcurrentDictionary<int, PartitionLease> _watched = new();
        private readonly ConnectGate _gate;
        private readonly Task _running;
        private int _logins;
        private volatile bool _killed;

        public Instance(RebalancingTests test)
        {
            _test = test;
            _gate = new ConnectGate(test._time);
            _running = new PartitionOwner(test._store.For(() => _killed), test._names, WorkAsync, new OwnerContext("f", LeaseTiming.Default, test._time, NullLogger.Instance)).RunAsync(_stopping.Token);
        }

        public int MostLogins { get; private set; }

        public int Partitions => _leases.Values.Count(lease => lease.IsHeld);

        public int Watched => _watched.Count;

        public void Kill() => _killed = true;

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            _stopping.Dispose();
        }

        public void Deliver()
        {
            foreach (var (mailbox, count) in _test._sent)
            {
                if (!_watched.TryGetValue(mailbox, out var lease) || !lease.IsHeld)
                    continue;
                var name = _test._names[mailbox];
                for (var uid = (lease.CursorOf(name)?.LastUid ?? 0) + 1; uid <= count; uid++)
                {
                    _test._delivered.AddOrUpdate((mailbox, uid), 1, static (_, times) => times + 1);
                    lease.Put(name, new MailboxCursor { UidValidity = 1, LastUid = uid });
                }
            }
        }

        private async Task WorkAsync(int partition, PartitionLease lease, CancellationToken ending)
        {
            _leases[partition] = lease;
            await Task.WhenAll(lease.Watched.Select(mailbox => WatchAsync(mailbox, lease, ending)));
            await Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var mailbox in lease.Watched)
                _watched.TryRemove(mailbox, out _);
            _leases.TryRemove(partition, out _);
        }

        private async Task<IDisposable?> EnterAsync(CancellationToken ending)
        {
            try
            {
                return await _gate.EnterAsync("h", ending);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        private async Task WatchAsync(int mailbox, PartitionLease lease, CancellationToken ending)
        {
            using var place = await EnterAsync(ending);
            if (place is null)
                return;
            try
            {
                MostLogins = Math.Max(MostLogins, Interlocked.Increment(ref _logins));
                await Task.Delay(Login, _test._time, ending);
                _watched[mailbox] = lease;
            }
            catch (OperationCanceledException)
            {
                // It is handed over before it is watched.
            }
            finally
            {
                Interlocked.Decrement(ref _logins);
            }
        }
    }
}
