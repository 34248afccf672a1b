using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>Whose process was frozen decides by the clock, whatever its timers and the store say (law 4).</summary>
public sealed class FrozenLeaseTests
{
    private static readonly StoreAnswer Unreachable = new(StoreOutcome.Unreachable, "no network");
    private readonly FakeTimeProvider _time = new();
    private readonly FrozenTime _frozen;
    private readonly MemoryPartitionStore _memory;
    private readonly ThrowingStore _store;

    public FrozenLeaseTests()
    {
        _frozen = new FrozenTime(_time);
        _memory = new MemoryPartitionStore(_time);
        _store = new ThrowingStore(_memory);
    }

    [Fact]
    public async Task It_is_not_held_although_no_timer_has_fired_yet()
    {
        await using var lease = await AcquireAsync();
        _frozen.Freeze(LeaseTiming.Default.Deadline - TimeSpan.FromMilliseconds(1));
        Assert.True(lease.IsHeld);
        _frozen.Freeze(TimeSpan.FromMilliseconds(1));
        Assert.False(lease.IsHeld);
        Assert.False(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_renewal_that_is_answered_too_late_does_not_bring_it_back()
    {
        await using var lease = await AcquireAsync();
        FreezeOnceWhileRenewing(TimeSpan.FromSeconds(16));
        await _time.PassUntilAsync(() => _memory.CountOf("renew") == 1);
        await _time.PassAsync(TimeSpan.FromSeconds(1));
        Assert.False(lease.IsHeld);
    }

    [Fact]
    public async Task A_renewal_counts_from_when_it_was_sent()
    {
        await using var lease = await AcquireAsync();
        FreezeOnceWhileRenewing(TimeSpan.FromSeconds(4));
        await _time.PassUntilAsync(() => _memory.CountOf("renew") == 1);
        _memory.Says = _ => Unreachable;

        // Sent after ten seconds, by the store's clock granted then at the earliest; four of what it grants have passed.
        await _time.PassAsync(TimeSpan.FromSeconds(20));
        var before = lease.IsHeld;
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        var after = lease.IsHeld;

        // Before anything is asserted: while the store refuses, a lease that is held does not end by itself.
        _memory.Says = _ => null;
        Assert.Equal((true, false), (before, after));
    }

    private void FreezeOnceWhileRenewing(TimeSpan span)
    {
        var left = 1;
        _store.Instead = (call, _) =>
        {
            if (call == "renew" && Interlocked.Exchange(ref left, 0) == 1)
                _frozen.Freeze(span);
            return null;
        };
    }

    private async Task<PartitionLease> AcquireAsync()
    {
        var context = new OwnerContext("f", LeaseTiming.Default, _frozen, NullLogger.Instance);
        var answer = await PartitionLease.AcquireAsync(new TimedStore(_store, TimeSpan.FromMinutes(1), _frozen), 0, _ => [32], context, TestContext.Current.CancellationToken);
        return answer.Value!;
    }
}
