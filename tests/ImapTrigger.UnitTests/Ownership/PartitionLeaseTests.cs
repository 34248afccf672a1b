using System.Collections.Immutable;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;
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
        Assert.InRange(_store.CountOf("renew"), 18, 22);
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
        await _time.PassAsync(TimeSpan.FromSeconds(16));
        _store.Says = _ => Unreachable;
        await _time.PassAsync(TimeSpan.FromSeconds(22));
        Assert.False(lease.Lost.IsCancellationRequested);
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        Assert.True(lease.Lost.IsCancellationRequested);
    }

    /// <summary>Of a renewal that partitions share, the request that was acknowledged may have been sent long before.</summary>
    [Fact]
    public async Task The_deadline_counts_from_the_request_that_was_sent_and_not_from_its_use()
    {
        var age = TimeSpan.FromSeconds(8);
        _store.Says = call => call == "renew" ? StoreAnswer.Done with { Age = age } : null;
        await using var lease = await AcquireAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(60));
        // To ask again costs nothing.
        Assert.InRange(_store.CountOf("renew"), 20, 26);
        _store.Says = _ => Unreachable;
        await _time.PassAsync(TimeSpan.FromSeconds(14));
        var before = lease.Lost.IsCancellationRequested;
        await _time.PassAsync(TimeSpan.FromSeconds(4));
        var after = lease.Lost.IsCancellationRequested;
        // Before anything is asserted: while the store refuses, the lease does not end by itself.
        _store.Says = _ => null;
        Assert.Equal((false, true), (before, after));
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

    /// <summary>Load must not multiply the requests, and must not make calls wait either (law 17).</summary>
    [Fact]
    public async Task Many_partitions_share_their_writes_and_no_call_waits_for_that()
    {
        var context = new OwnerContext("f", LeaseTiming.Default, _time, NullLogger.Instance);
        var stores = Enumerable.Range(0, 32).Select(_ => new MemoryPartitionStore(_time)).ToArray();
        var leases = new List<PartitionLease>();
        foreach (var store in stores)
            leases.Add((await PartitionLease.AcquireAsync(new TimedStore(store, LeaseTiming.Default.Call, _time), 0, _ => [32], context, Token)).Value!);
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        var before = stores.Sum(store => store.CountOf("write"));
        for (uint step = 1; step <= 40; step++)
        {
            foreach (var lease in leases)
                lease.Put("m", Cursor(step));
            await _time.PassAsync(TimeSpan.FromMilliseconds(500));
            foreach (var lease in leases)
            {
                var call = lease.KeepUpAsync(Token);
                Assert.True(call.IsCompletedSuccessfully);
            }
        }

        // In 20 seconds: each of 32 every two seconds, and not every second.
        Assert.InRange(stores.Sum(store => store.CountOf("write")) - before, 256, 420);
        foreach (var lease in leases)
            await lease.DisposeAsync();
        Assert.All(stores, store => Assert.Equal(40u, store.State.Mailboxes["m"].LastUid));
    }

    [Fact]
    public async Task Mailboxes_that_begin_together_are_not_written_one_by_one()
    {
        var context = new OwnerContext("f", LeaseTiming.Default, _time, NullLogger.Instance);
        var lease = (await PartitionLease.AcquireAsync(new TimedStore(_store, LeaseTiming.Default.Call, _time), 0, _ => [32], context, Token)).Value!;
        var flushes = new List<Task<bool>>();
        for (uint i = 0; i < 200; i++)
        {
            lease.Put($"m{i}", Cursor(i));
            flushes.Add(lease.FlushAsync(Token));
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, Token);
        }

        await _time.PassAsync(TimeSpan.FromSeconds(1));
        Assert.All(flushes, flush => Assert.True(flush.IsCompletedSuccessfully && flush.Result));
        Assert.InRange(_store.CountOf("write"), 5, 30);
        await lease.DisposeAsync();
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

    [Fact]
    public async Task Its_record_says_who_has_it_for_the_how_many_th_time_and_what_is_watched()
    {
        _store.State = PartitionState.Empty with { Owner = "before", Epoch = 7, Apart = [64] };
        await using (var lease = await AcquireAsync(apart => [32, .. apart]))
        {
            await lease.FlushAsync(Token);
            Assert.True(lease.WasClean);
            Assert.Equal((8L, false), (_store.State.Epoch, _store.State.Clean));
            Assert.StartsWith($"{Environment.MachineName}-{Environment.ProcessId}-", _store.State.Owner, StringComparison.Ordinal);
            Assert.Equal([32, 64], _store.State.Watched);
            Assert.Equal([32, 64], lease.Watched);
            Assert.Null(lease.CursorOf("m"));
            lease.Put("m", Cursor(7));
            Assert.Equal(7u, lease.CursorOf("m")!.LastUid);
        }

        Assert.True(_store.State.Clean);
        _store.State = _store.State with { Clean = false };
        await using var after = await AcquireAsync();
        Assert.False(after.WasClean);
    }

    [Theory]
    [InlineData(nameof(StoreOutcome.Unreachable), "release")]
    [InlineData(nameof(StoreOutcome.Forbidden), "acquire")]
    [InlineData(nameof(StoreOutcome.Busy), "acquire")]
    public async Task What_may_have_been_granted_is_given_back_and_a_refusal_is_not(string outcome, string last)
    {
        _store.Says = call => call == "acquire" ? new StoreAnswer(Enum.Parse<StoreOutcome>(outcome), "why") : null;
        var answer = await PartitionLease.AcquireAsync(new TimedStore(_store, LeaseTiming.Default.Call, _time), 0, _ => [32], Context(NullLogger.Instance), Token);
        Assert.Equal((outcome, null, "why"), (answer.Outcome.ToString(), answer.Value, answer.Reason));
        Assert.Equal(last, _store.Calls[^1]);
    }

    [Fact]
    public async Task Why_it_was_lost_is_known()
    {
        await using var silent = await AcquireAsync();
        Assert.Equal("it could not be renewed for 25 s", silent.LostReason);
        _store.Steal();
        await _time.PassUntilAsync(() => silent.Lost.IsCancellationRequested);
        Assert.Equal("another instance holds it", silent.LostReason);
    }

    [Fact]
    public async Task The_store_says_itself_why_it_was_lost()
    {
        await using var lease = await AcquireAsync();
        _store.Says = call => call == "renew" ? new StoreAnswer(StoreOutcome.Lost, "the lease was broken") : null;
        await _time.PassUntilAsync(() => lease.Lost.IsCancellationRequested);
        Assert.Equal("the lease was broken", lease.LostReason);
    }

    [Fact]
    public async Task After_a_renewal_that_failed_it_is_tried_again_soon()
    {
        await using var lease = await AcquireAsync();
        _store.Says = call => call == "renew" ? Unreachable : null;
        await _time.PassAsync(TimeSpan.FromSeconds(19));
        Assert.InRange(_store.CountOf("renew"), 3, 4);
        _store.Says = _ => null;
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        var renewed = _store.CountOf("renew");
        await _time.PassAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(renewed, _store.CountOf("renew"));
        Assert.True(lease.IsHeld);
    }

    [Fact]
    public async Task Calls_that_wait_are_said_once_and_again_when_they_go_on()
    {
        var log = new LogLines();
        await using var lease = await AcquireAsync(log: log);
        await lease.FlushAsync(Token);
        Assert.Empty(log.All);
        _store.Says = call => call == "write" ? Unreachable : null;
        lease.Put("m", Cursor(7));
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        Task<bool>[] waits = [lease.KeepUpAsync(Token).AsTask(), lease.KeepUpAsync(Token).AsTask()];
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        var said = log.All.Where(line => line.EventId is not 205).ToArray();
        Assert.Single(said);
        Assert.All(log.All.Where(line => line.EventId == 205), line => Assert.Contains("no network", line.Text, StringComparison.Ordinal));
        Assert.InRange(log.CountOf(205), 3, 5);
        _store.Says = _ => null;
        await _time.PassUntilAsync(() => waits.All(wait => wait.IsCompleted));
        Assert.Equal(2, log.All.Count(line => line.EventId is not 205));
        Assert.True(await lease.KeepUpAsync(Token));
        Assert.Equal(2, log.All.Count(line => line.EventId is not 205));
    }

    [Fact]
    public async Task What_is_on_record_need_not_be_written_again()
    {
        await using var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        await _time.PassAsync(TimeSpan.FromSeconds(9));
        Assert.True(await lease.FlushAsync(Token));
        Assert.Equal(1, _store.CountOf("write"));
    }

    [Fact]
    public async Task The_last_state_is_tried_three_times_at_the_end_and_no_longer()
    {
        var lease = await AcquireAsync();
        await lease.FlushAsync(Token);
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        _store.Says = call => call == "write" ? Unreachable : null;
        var ended = lease.DisposeAsync().AsTask();
        await _time.PassUntilAsync(() => ended.IsCompleted);
        Assert.InRange(_store.CountOf("write"), 4, 5);
        Assert.Equal("release", _store.Calls[^1]);
    }

    [Fact]
    public async Task A_mailbox_that_is_set_apart_takes_its_cursor_with_it()
    {
        var (mailbox, own) = ("ann@h/INBOX", PartitionMap.OwnPartitionOf("ann@h/INBOX"));
        var partition = PartitionMap.SharedOf(own);
        var store = new SimulatedStore(_time);
        var timed = new TimedStore(store.For(() => false), LeaseTiming.Default.Call, _time);
        var lease = (await PartitionLease.AcquireAsync(timed, partition, _ => [partition + PartitionState.Count], Context(NullLogger.Instance), Token)).Value!;
        lease.Put(mailbox, Cursor(7));
        Assert.True(await lease.SetApartAsync(own, Token));
        Assert.Null(lease.CursorOf(mailbox));
        await lease.DisposeAsync();
        Assert.Empty(store.Violations);

        await using var itsOwn = (await PartitionLease.AcquireAsync(timed, own, _ => [own], Context(NullLogger.Instance), Token)).Value!;
        Assert.Equal(7u, itsOwn.CursorOf(mailbox)!.LastUid);
        // Somebody works on it: nothing is put into it, and nothing taken out here.
        await using var again = (await PartitionLease.AcquireAsync(timed, partition, apart => apart, Context(NullLogger.Instance), Token)).Value!;
        Assert.Equal([own], again.Watched);
        again.Put(mailbox, Cursor(9));
        Assert.False(await again.SetApartAsync(own, Token));
        Assert.Equal(9u, again.CursorOf(mailbox)!.LastUid);
    }

    private static MailboxCursor Cursor(uint last) => new() { UidValidity = 1, LastUid = last };

    private OwnerContext Context(ILogger log) => new("f", LeaseTiming.Default, _time, log);

    private async Task<PartitionLease> AcquireAsync(Func<ImmutableSortedSet<int>, ImmutableSortedSet<int>>? watched = null, ILogger? log = null)
    {
        var answer = await PartitionLease.AcquireAsync(
            new TimedStore(_store, LeaseTiming.Default.Call, _time), 0, watched ?? (_ => [32]), Context(log ?? NullLogger.Instance), Token);
        Assert.Equal(StoreOutcome.Done, answer.Outcome);
        return answer.Value!;
    }
}
