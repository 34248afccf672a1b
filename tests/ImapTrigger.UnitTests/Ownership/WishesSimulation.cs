using System.Collections.Concurrent;
using System.Collections.Immutable;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>
/// Instances whose lists of mailboxes differ, by much or by little, share partitions while they crash, freeze, lose the store and come back with other lists. Never two
/// watch one mailbox, no cursor is left behind when a mailbox gets a partition of its own, and in the end every mailbox that somebody has is watched. The seed gives the same again.
/// </summary>
public sealed class WishesSimulation
{
    private const int Slots = 4;
    private const int Shared = 4;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    /// <summary>Twelve mailboxes that fall into four partitions.</summary>
    private static readonly string[] Mailboxes = [.. Enumerable.Range(0, 100_000).Select(i => $"u{i}@h/INBOX").Where(key => PartitionMap.PartitionOf(key) < Shared).GroupBy(PartitionMap.PartitionOf).SelectMany(same => same.Take(3))];

    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedStore _store;
    private readonly Instance?[] _instances = new Instance?[Slots];

    public WishesSimulation() => _store = new SimulatedStore(_time);

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5, 6, Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_the_lists_are_every_mailbox_is_watched_by_one(int seed)
    {
        var random = new Random(seed);
        for (var end = _time.GetUtcNow() + TimeSpan.FromMinutes(8); _time.GetUtcNow() < end;)
        {
            if (random.Next(30) == 0)
                Disturb(random);
            await StepAsync(seed);
        }

        _store.IsAway = false;
        for (var i = 0; i < Slots; i++)
        {
            _instances[i] ??= new Instance(this, ListBy(random));
            _instances[i]!.PausedUntil = default;
        }

        for (var end = _time.GetUtcNow() + TimeSpan.FromMinutes(3); _time.GetUtcNow() < end;)
            await StepAsync(seed);
        await AssertWatchedAsync(seed);
        Assert.True(_store.Violations.Count == 0, $"Seed {seed}: {string.Join(' ', _store.Violations)}");
        await EndAsync();
    }

    /// <summary>One app whose list changes while it runs, for each of its instances at another moment: waited for, without a change of hands and without a partition of its own for anybody.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_list_that_changes_for_each_at_another_moment_moves_nothing(int seed)
    {
        var random = new Random(seed);
        string[] list = [.. Mailboxes.Where((_, n) => n % 2 == 0)];
        for (var i = 0; i < 2; i++)
            _instances[i] = new Instance(this, list);
        await PassAsync(TimeSpan.FromMinutes(1));
        var acquired = _store.CountOf("AcquireAsync");
        for (var change = 0; change < 12; change++)
        {
            // Every partition keeps somebody, so that none has to change hands.
            list = [.. list.GroupBy(PartitionMap.PartitionOf).Select(same => same.First()).Concat(ListBy(random)).Distinct()];
            await _instances[change % 2]!.ChangeAsync(list);
            await PassAsync(TimeSpan.FromSeconds(random.Next(1, 50)));
            await _instances[1 - (change % 2)]!.ChangeAsync(list);
            await PassAsync(TimeSpan.FromSeconds(random.Next(2, 20)));
            await AssertWatchedAsync(seed);
        }

        Assert.Equal(acquired, _store.CountOf("AcquireAsync"));
        Assert.All(_instances.OfType<Instance>().SelectMany(instance => instance.Watching.Values), watch => Assert.True(PartitionMap.IsShared(watch.Partition)));
        await EndAsync();
    }

    /// <summary>What stays different for longer than it takes to hear of it is meant so, as with two slots.</summary>
    [Fact]
    public async Task A_list_that_stays_different_is_watched_whole_after_a_while()
    {
        for (var i = 0; i < 2; i++)
            _instances[i] = new Instance(this, [Mailboxes[0], Mailboxes[3]]);
        await PassAsync(TimeSpan.FromMinutes(1));
        await _instances[0]!.ChangeAsync([Mailboxes[0], Mailboxes[1]]);
        await _instances[1]!.ChangeAsync([Mailboxes[2], Mailboxes[3]]);
        await PassAsync(Wishes.Patience + TimeSpan.FromSeconds(90));
        await AssertWatchedAsync(0);
        await EndAsync();
    }

    [Fact]
    public async Task A_list_that_becomes_empty_lets_go_of_all_asks_nothing_and_begins_again_at_once()
    {
        _instances[0] = new Instance(this, Mailboxes);
        await PassAsync(TimeSpan.FromMinutes(1));
        await _instances[0]!.ChangeAsync([]);
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(_instances[0]!.Watching);
        var looks = _store.CountOf("LookAsync");
        await PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(looks, _store.CountOf("LookAsync"));
        await _instances[0]!.ChangeAsync(Mailboxes);
        await PassAsync(TimeSpan.FromSeconds(3));
        await AssertWatchedAsync(0);
        await EndAsync();
    }

    /// <summary>Two slots of a site, and mailboxes that fall into the same partitions.</summary>
    [Theory]
    [InlineData("0,3,6,9", "1,4")]
    [InlineData("0", "1")]
    [InlineData("0,1", "1,2")]
    [InlineData("0,1,2,3,4,5", "0,1,2,3,4,5,6,7")]
    public async Task Two_lists_are_watched_whole(string production, string staging)
    {
        _instances[0] = new Instance(this, Numbered(production));
        await PassAsync(TimeSpan.FromMinutes(1));
        _instances[1] = new Instance(this, Numbered(staging));
        await PassAsync(TimeSpan.FromSeconds(90));
        await AssertWatchedAsync(0);
        await EndAsync();
    }

    [Fact]
    public async Task In_a_rolling_deployment_that_adds_mailboxes_none_gets_a_partition_of_its_own()
    {
        for (var i = 0; i < 2; i++)
            _instances[i] = new Instance(this, [.. Mailboxes.Where((_, n) => n % 3 != 0)]);
        await PassAsync(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 2; i++)
        {
            await _instances[i]!.DisposeAsync();
            _instances[i] = new Instance(this, Mailboxes);
            await PassAsync(TimeSpan.FromMinutes(1));
            await AssertWatchedAsync(0);
        }

        Assert.All(_instances.OfType<Instance>().SelectMany(instance => instance.Watching.Values), watch => Assert.True(PartitionMap.IsShared(watch.Partition)));
        await EndAsync();
    }

    [Fact]
    public async Task One_that_has_what_it_wants_looks_seldom()
    {
        _instances[0] = new Instance(this, [Mailboxes[0]]);
        await PassAsync(TimeSpan.FromMinutes(1));
        var looks = _store.CountOf("LookAsync");
        await PassAsync(TimeSpan.FromMinutes(10));
        Assert.InRange(_store.CountOf("LookAsync") - looks, 9, 18);
        await EndAsync();
    }

    private static string[] Numbered(string list) => [.. list.Split(',').Select(number => Mailboxes[int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)])];

    /// <summary>All, some or few of the mailboxes: lists that are the same, contain each other, overlap or have nothing in common.</summary>
    private static string[] ListBy(Random random) => random.Next(3) switch
    {
        0 => Mailboxes,
        1 => [.. Mailboxes.Where(_ => random.Next(4) > 0)],
        _ => [.. Mailboxes.Where(_ => random.Next(4) == 0)],
    };

    private void Disturb(Random random)
    {
        var i = random.Next(Slots);
        switch (random.Next(6))
        {
            case 5 when _instances[i] is { } changing:
                _ = changing.ChangeAsync(ListBy(random));
                break;
            case 0 when _instances[i] is { } crashing:
                crashing.Crash();
                _instances[i] = null;
                break;
            case 0 or 1:
                _instances[i] ??= new Instance(this, ListBy(random));
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
    }

    private async Task PassAsync(TimeSpan span)
    {
        for (var end = _time.GetUtcNow() + span; _time.GetUtcNow() < end;)
            await StepAsync(0);
    }

    private async Task StepAsync(int seed)
    {
        _time.Advance(Step);
        await Task.Delay(1);
        foreach (var mailbox in Mailboxes)
        {
            var watching = _instances.OfType<Instance>().Where(instance => instance.IsWatching(mailbox)).ToArray();
            Assert.True(watching.Length <= 1, $"Seed {seed}: {watching.Length} watch {mailbox}.");
        }

        foreach (var instance in _instances.OfType<Instance>().Where(instance => instance.PausedUntil <= _time.GetUtcNow()))
            instance.Deliver();
    }

    private Task AssertWatchedAsync(int seed)
    {
        foreach (var mailbox in Mailboxes.Where(mailbox => _instances.OfType<Instance>().Any(instance => instance.Has(mailbox))))
        {
            var watching = Assert.Single(_instances.OfType<Instance>(), instance => instance.IsWatching(mailbox));
            Assert.True(watching.Has(mailbox), $"Seed {seed}: {mailbox} is watched by one that does not have it.");
        }

        return Task.CompletedTask;
    }

    private async Task EndAsync()
    {
        foreach (var instance in _instances.OfType<Instance>())
            await instance.DisposeAsync();
        Assert.Empty(_store.Violations);
    }

    private sealed class Instance : IAsyncDisposable
    {
        private readonly WishesSimulation _simulation;
        private readonly CancellationTokenSource _stopping = new();
        private readonly PartitionOwner _owner;
        private readonly Task _running;
        private volatile ImmutableHashSet<string> _list;
        private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _crashed;

        public Instance(WishesSimulation simulation, IReadOnlyCollection<string> list)
        {
            _simulation = simulation;
            _list = [.. list];
            var store = simulation._store.For(() => _crashed || PausedUntil > simulation._time.GetUtcNow());
            _owner = new PartitionOwner(store, Numbers(list), WorkAsync, new OwnerContext("f", LeaseTiming.Default, simulation._time, NullLogger.Instance));
            _running = _owner.RunAsync(_stopping.Token);
        }

        public DateTimeOffset PausedUntil { get; set; }

        public ConcurrentDictionary<string, (int Partition, PartitionLease Lease)> Watching { get; } = new();

        public bool Has(string mailbox) => _list.Contains(mailbox);

        public bool IsWatching(string mailbox) => Watching.TryGetValue(mailbox, out var watch) && watch.Lease.IsHeld;

        public void Crash() => _crashed = true;

        /// <summary>Ends when whoever works has heard of it.</summary>
        public async Task ChangeAsync(IReadOnlyCollection<string> list)
        {
            _list = [.. list];
            _owner.Want(Numbers(list));
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            await Task.Yield();
        }

        public void Deliver()
        {
            foreach (var (mailbox, watch) in Watching)
            {
                if (watch.Lease.IsHeld)
                    watch.Lease.Put(mailbox, new MailboxCursor { UidValidity = 1, LastUid = (watch.Lease.CursorOf(mailbox)?.LastUid ?? 0) + 1 });
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _simulation._time.PassUntilAsync(() => _running.IsCompleted);
            await _running;
            _stopping.Dispose();
        }

        private static Dictionary<int, string> Numbers(IReadOnlyCollection<string> list) => list.ToDictionary(PartitionMap.OwnPartitionOf);

        private async Task WorkAsync(int partition, PartitionLease lease, CancellationToken ending)
        {
            var mine = new HashSet<string>(StringComparer.Ordinal);
            while (!ending.IsCancellationRequested)
            {
                var changed = _changed.Task;
                var wanted = _list.Where(mailbox => PartitionMap.OwnPartitionOf(mailbox) == partition
                    || (PartitionMap.PartitionOf(mailbox) == partition && !lease.Apart.Contains(PartitionMap.OwnPartitionOf(mailbox)))).ToArray();
                foreach (var gone in mine.Except(wanted).ToArray())
                {
                    Watching.TryRemove(gone, out _);
                    mine.Remove(gone);
                    lease.Leave(PartitionMap.OwnPartitionOf(gone));
                }

                foreach (var mailbox in wanted.Where(mailbox => !mine.Contains(mailbox) && lease.Watch(PartitionMap.OwnPartitionOf(mailbox))))
                {
                    mine.Add(mailbox);
                    if ((lease.CursorOf(mailbox)?.LastUid ?? 0) < _simulation._store.WrittenOf(mailbox))
                        _simulation._store.Violations.Add($"{mailbox} begins again at {lease.CursorOf(mailbox)?.LastUid} in partition {partition}, and {_simulation._store.WrittenOf(mailbox)} was written.");
                    Watching[mailbox] = (partition, lease);
                }

                lease.Tidy();
                await changed.WaitAsync(ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            foreach (var mailbox in mine)
                Watching.TryRemove(mailbox, out _);
        }
    }
}
