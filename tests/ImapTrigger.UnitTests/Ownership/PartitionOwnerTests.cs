using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
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

    private Owner Start() => new(_store, _time);

    private sealed class Owner : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public Owner(MemoryPartitionStore store, TimeProvider time) =>
            _running = new PartitionOwner(store, new Dictionary<int, string> { [32] = "ann" }, WorkAsync, new OwnerContext("f", LeaseTiming.Default, time, NullLogger.Instance)).RunAsync(_stopping.Token);

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
