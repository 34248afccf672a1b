using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class PartitionOwnerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPartitionStore _store;

    public PartitionOwnerTests() => _store = new MemoryPartitionStore(_time);

    [Fact]
    public async Task Of_two_one_works_and_the_other_takes_over_when_it_stops()
    {
        await using var first = Start();
        await _time.PassUntilAsync(() => first.Working);
        await using var second = Start();
        await _time.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((true, false), (first.Working, second.Working));

        await first.StopAsync();
        await _time.PassUntilAsync(() => second.Working);
        Assert.False(first.Working);
    }

    [Fact]
    public async Task Standing_by_asks_by_listing_and_does_not_knock()
    {
        await using var first = Start();
        await _time.PassUntilAsync(() => first.Working);
        var knocks = _store.CountOf("acquire");
        await using var second = Start();
        await _time.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(knocks, _store.CountOf("acquire"));
    }

    [Fact]
    public async Task Work_ends_when_the_store_is_silent_and_begins_again_when_it_answers()
    {
        await using var owner = Start();
        await _time.PassUntilAsync(() => owner.Working);
        _store.Says = _ => new StoreAnswer(StoreOutcome.Unreachable, "no network");
        await _time.PassUntilAsync(() => !owner.Working);
        Assert.Equal(1, owner.Losses);
        _store.Says = _ => null;
        await _time.PassUntilAsync(() => owner.Working);
    }

    [Fact]
    public async Task A_store_that_refuses_us_never_ends_the_striving()
    {
        _store.Says = _ => new StoreAnswer(StoreOutcome.Forbidden, "grant the role");
        await using var owner = Start();
        await _time.PassAsync(TimeSpan.FromMinutes(1));
        Assert.False(owner.Working);
        _store.Says = _ => null;
        await _time.PassUntilAsync(() => owner.Working);
    }

    [Fact]
    public async Task Each_state_is_told_once_when_it_begins()
    {
        _store.Says = _ => new StoreAnswer(StoreOutcome.Forbidden, "grant the role");
        await using var owner = Start();
        await _time.PassAsync(TimeSpan.FromSeconds(20));
        var line = Assert.Single(owner.Log.All);
        Assert.Equal((204, LogLevel.Error), (line.EventId, line.Level));
        Assert.Contains("grant the role", line.Text, StringComparison.Ordinal);
        _store.Says = _ => new StoreAnswer(StoreOutcome.Unreachable);
        await _time.PassAsync(TimeSpan.FromSeconds(12));
        line = owner.Log.All.Last();
        Assert.Equal((2, LogLevel.Warning), (owner.Log.CountOf(204), line.Level));
        Assert.Contains("no reason given", line.Text, StringComparison.Ordinal);
        _store.Says = _ => null;
        await _time.PassUntilAsync(() => owner.Working);
        // What was told before it was ours may come again.
        _store.Says = _ => new StoreAnswer(StoreOutcome.Unreachable);
        await _time.PassUntilAsync(() => owner.Log.CountOf(202) == 1 && owner.Log.CountOf(204) > 2);
        Assert.Equal((1, 0), (owner.Log.CountOf(200), owner.Log.CountOf(203)));
    }

    [Fact]
    public async Task Who_stands_by_says_for_whom_once_and_a_release_is_said()
    {
        await using var first = Start();
        await _time.PassUntilAsync(() => first.Working);
        await using var second = Start();
        await _time.PassUntilAsync(() => second.Log.CountOf(201) == 1);
        await _time.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 0), (second.Log.CountOf(201), first.Log.CountOf(201)));
        Assert.Contains(_store.State.Owner!, second.Log.All.Single(line => line.EventId == 201).Text, StringComparison.Ordinal);
        await first.StopAsync();
        Assert.Equal((1, 0), (first.Log.CountOf(203), first.Log.CountOf(202)));
    }

    /// <summary>Each look is paid for, in an app with a thousand functions, too.</summary>
    [Fact]
    public async Task Who_has_all_that_it_wants_looks_every_minute_and_at_once_when_it_is_lost()
    {
        await using var owner = Start();
        await _time.PassUntilAsync(() => owner.Working);
        var looks = _store.CountOf("list");
        await _time.PassAsync(TimeSpan.FromMinutes(3));
        Assert.InRange(_store.CountOf("list") - looks, 3, 5);
        _store.Steal();
        await _time.PassUntilAsync(() => owner.Log.CountOf(202) == 1);
        looks = _store.CountOf("list");
        await _time.PassAsync(TimeSpan.FromSeconds(6));
        Assert.InRange(_store.CountOf("list") - looks, 1, 3);
    }

    [Fact]
    public async Task A_race_lost_is_nothing_to_tell()
    {
        _store.Says = call => call == "acquire" ? new StoreAnswer(StoreOutcome.Busy) : null;
        await using var owner = Start();
        await _time.PassUntilAsync(() => _store.CountOf("acquire") > 2);
        Assert.Empty(owner.Log.All);
    }

    private Owner Start() => new(_store, _time);

    private sealed class Owner : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public Owner(MemoryPartitionStore store, TimeProvider time) =>
            _running = new PartitionOwner(store, new Dictionary<int, string> { [32] = "ann" }, WorkAsync, new OwnerContext("f", LeaseTiming.Default, time, Log)).RunAsync(_stopping.Token);

        public LogLines Log { get; } = new();

        public bool Working { get; private set; }

        public int Losses { get; private set; }

        public async Task StopAsync()
        {
            await _stopping.CancelAsync();
            await _running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stopping.Dispose();
        }

        private async Task WorkAsync(int partition, PartitionLease lease, CancellationToken ending)
        {
            Working = true;
            await Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Losses += lease.Lost.IsCancellationRequested ? 1 : 0;
            Working = false;
        }
    }
}
