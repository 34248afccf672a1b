using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class PartitionLeaseTests
{
    private static readonly StoreAnswer Unreachable = new(StoreOutcome.Unreachable, "no network");
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPartitionStore _store;

    public PartitionLeaseTests() => _store = new MemoryPartitionStore(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_stays_ours_as_long_as_it_is_renewed()
    {
        await using var lease = await AcquireAsync();
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        Assert.False(lease.Lost.IsCancellationRequested);
        Assert.InRange(_store.CountOf("renew"), 25, 31);
    }

    [Fact]
    public async Task Without_an_answer_it_ends_before_the_store_could_give_it_to_another()
    {
        await using var lease = await AcquireAsync();
        _store.Says = _ => Unreachable;
        await _time.PassAsync(TimeSpan.FromSeconds(24));
        Assert.False(lease.Lost.IsCancellationRequested);
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task The_deadline_counts_from_the_last_renewal_that_was_answered()
    {
        await using var lease = await AcquireAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(11));
        _store.Says = _ => Unreachable;
        await _time.PassAsync(TimeSpan.FromSeconds(22));
        Assert.False(lease.Lost.IsCancellationRequested);
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        Assert.True(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_renewal_after_the_deadline_does_not_bring_it_back()
    {
        await using var lease = await AcquireAsync();
        _store.Says = _ => Unreachable;
        await _time.PassAsync(TimeSpan.FromSeconds(26));
        _store.Says = _ => null;
        var renewals = _store.CountOf("renew");
        await _time.PassAsync(TimeSpan.FromSeconds(30));
        Assert.True(lease.Lost.IsCancellationRequested);
        Assert.Equal(renewals, _store.CountOf("renew"));
    }

    [Fact]
    public async Task Taken_by_another_it_is_lost_at_the_next_renewal_and_nothing_is_written()
    {
        await using var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        var written = _store.State;
        _store.Steal();
        lease.Put("m", Cursor(7));
        await _time.PassAsync(TimeSpan.FromSeconds(11));
        Assert.True(lease.Lost.IsCancellationRequested);
        Assert.False(await lease.FlushAsync(Token));
        Assert.Same(written, _store.State);
    }

    [Fact]
    public async Task The_first_change_is_written_at_once_and_later_ones_in_groups()
    {
        await using var lease = await AcquireAsync();
        Assert.True(await lease.FlushAsync(Token));
        Assert.Equal(1, _store.State.Epoch);
        for (uint uid = 1; uid <= 100; uid++)
            lease.Put("m", Cursor(uid));
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(100u, _store.State.Mailboxes["m"].LastUid);
        Assert.Equal(2, _store.CountOf("write"));
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_when_the_store_answers_again()
    {
        await using var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        _store.Says = call => call == "write" ? Unreachable : null;
        lease.Put("m", Cursor(7));
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        _store.Says = _ => null;
        var flushed = lease.FlushAsync(Token);
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        Assert.True(await flushed);
        Assert.Equal(7u, _store.State.Mailboxes["m"].LastUid);
    }

    /// <summary>Law 17: what is called while nothing can be written would come twice.</summary>
    [Fact]
    public async Task Calls_wait_while_progress_is_older_than_may_come_twice_and_go_on_when_it_is_on_record()
    {
        await using var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        _store.Says = call => call == "write" ? Unreachable : null;
        lease.Put("m", Cursor(7));
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        // What comes later does not make the first younger.
        lease.Put("m", Cursor(8));
        var atFirst = lease.KeepUpAsync(Token).AsTask();
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        var waits = lease.KeepUpAsync(Token).AsTask();
        await _time.PassAsync(TimeSpan.FromSeconds(6));
        var (waited, lost) = (!waits.IsCompleted, lease.Lost.IsCancellationRequested);

        // Before anything is asserted: while the store refuses, the lease does not end by itself.
        _store.Says = _ => null;
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        Assert.True(atFirst.IsCompletedSuccessfully);
        Assert.Equal((true, false), (waited, lost));
        Assert.True(await waits);
        Assert.Equal(8u, _store.State.Mailboxes["m"].LastUid);
        Assert.True(await lease.KeepUpAsync(Token));
    }

    [Fact]
    public async Task Who_waits_to_call_is_told_when_ownership_ends_and_may_give_up_before()
    {
        await using var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        _store.Says = _ => Unreachable;
        lease.Put("m", Cursor(7));
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        using var stopping = new CancellationTokenSource();
        var (waits, stopped) = (lease.KeepUpAsync(Token).AsTask(), lease.KeepUpAsync(stopping.Token).AsTask());
        await stopping.CancelAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(21));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        Assert.False(await waits);
    }

    [Fact]
    public async Task Disposing_writes_the_last_state_and_then_releases()
    {
        var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        lease.Put("m", Cursor(7));
        await lease.DisposeAsync();
        Assert.Equal(7u, _store.State.Mailboxes["m"].LastUid);
        Assert.Equal("release", _store.Calls[^1]);
        Assert.False(lease.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lost_lease_is_neither_written_nor_released()
    {
        var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        _store.Says = _ => Unreachable;
        await _time.PassAsync(TimeSpan.FromSeconds(26));
        var calls = _store.Calls.Count;
        lease.Put("m", Cursor(7));
        await lease.DisposeAsync();
        Assert.Equal(calls, _store.Calls.Count);
    }

    [Fact]
    public async Task What_was_granted_too_late_to_be_used_is_given_back()
    {
        var store = new ThrowingStore(_store)
        {
            // The process is frozen while the answer is on its way.
            Instead = (call, _) =>
            {
                if (call == "acquire")
                    _time.Advance(LeaseTiming.Default.Deadline);
                return null;
            },
        };
        var context = new OwnerContext("f", LeaseTiming.Default, _time, NullLogger.Instance);
        var answer = await PartitionLease.AcquireAsync(new TimedStore(store, TimeSpan.FromMinutes(1), _time), 0, _ => [32], context, Token);
        Assert.Equal(StoreOutcome.Unreachable, answer.Outcome);
        Assert.Equal("release", _store.Calls[^1]);
    }

    private static MailboxCursor Cursor(uint last) => new() { UidValidity = 1, LastUid = last };

    private async Task<PartitionLease> AcquireAsync()
    {
        var context = new OwnerContext("f", LeaseTiming.Default, _time, NullLogger.Instance);
        var answer = await PartitionLease.AcquireAsync(new TimedStore(_store, LeaseTiming.Default.Call, _time), 0, _ => [32], context, Token);
        Assert.Equal(StoreOutcome.Done, answer.Outcome);
        return answer.Value!;
    }
}
