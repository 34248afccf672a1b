using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Ownership;

/// <summary>
/// One partition while it is ours: renews the lease until disposed, and ends by our own monotonic clock before the lease can expire,
/// whether the store can be reached or not (law 4).
/// </summary>
internal sealed class PartitionLease : IAsyncDisposable
{
    private readonly TimedStore _store;
    private readonly int _partition;
    private readonly Guid _leaseId;
    private readonly LeaseTiming _timing;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StateWriter _writer;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _renewing;
    private string? _lostReason;
    private long _provenAt;

    private PartitionLease(
        TimedStore store, int partition, Guid leaseId, PartitionState state, string owner, long sent, LeaseTiming timing, TimeProvider time, ILogger logger)
    {
        WasClean = state.Clean;
        state = state with { Owner = owner, Epoch = state.Epoch + 1, Clean = false };
        _provenAt = sent;
        _store = store;
        _partition = partition;
        _leaseId = leaseId;
        _timing = timing;
        _time = time;
        _logger = logger;
        // The deadline is the token's own timer: it fires even if the loop below hangs in a call.
        _lost = new CancellationTokenSource(Left, time);
        Lost = _lost.Token;
        _writer = new StateWriter(state, WriteAsync, timing, time, Lost);
        _renewing = RenewAsync();
    }

    /// <summary>Signalled when the partition is not ours any more; never by <see cref="DisposeAsync"/>.</summary>
    public CancellationToken Lost { get; }

    /// <summary>
    /// Whether it is ours at this moment, by the clock itself: after a pause of the whole process (SIGSTOP, a frozen machine) the timer
    /// behind <see cref="Lost"/> may be late, and whoever acts in that instant would act on what another owns.
    /// </summary>
    public bool IsHeld => !Lost.IsCancellationRequested && Left > TimeSpan.Zero;

    /// <summary>Whether the owner before ended properly.</summary>
    public bool WasClean { get; }

    /// <summary>Why it was lost, for people.</summary>
    public string LostReason => _lostReason ?? $"it could not be renewed for {_timing.Deadline.TotalSeconds:0} s";

    /// <summary>Takes the lease if nobody has it. The lease id is new with every attempt: two processes never share one.</summary>
    public static async Task<StoreAnswer<PartitionLease>> AcquireAsync(
        TimedStore store, int partition, string owner, LeaseTiming timing, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var leaseId = Guid.NewGuid();
        var sent = time.GetTimestamp();
        var answer = await store.CallAsync((inner, token) => inner.AcquireAsync(partition, leaseId, token), cancellationToken);
        if (answer is not { Outcome: StoreOutcome.Done, Value: { } state })
            return new StoreAnswer<PartitionLease>(answer.Outcome, null, answer.Reason);

        if (time.GetElapsedTime(sent) >= timing.Deadline)
            return new StoreAnswer<PartitionLease>(StoreOutcome.Unreachable, null, "the answer came too late");
        return new StoreAnswer<PartitionLease>(StoreOutcome.Done, new PartitionLease(store, partition, leaseId, state, owner, sent, timing, time, logger));
    }

    /// <summary>The mailbox's cursor; null when it has never been watched.</summary>
    public MailboxCursor? CursorOf(string mailbox) => _writer.State.Mailboxes.GetValueOrDefault(mailbox);

    /// <summary>Records a cursor soon, together with others; never waits.</summary>
    public void Put(string mailbox, MailboxCursor cursor) =>
        _writer.Change(state => state with { Mailboxes = state.Mailboxes.SetItem(mailbox, cursor) });

    /// <summary>Waits until everything put so far is durable; false when ownership is lost instead.</summary>
    public Task<bool> FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    /// <summary>Writes what is not written yet, then releases the lease, so that the next owner need not wait for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        _writer.Change(state => state with { Clean = true });
        await _writer.DisposeAsync();
        await _closing.CancelAsync();
        await _renewing;
        if (!Lost.IsCancellationRequested)
            await _store.CallAsync((store, token) => store.ReleaseAsync(_partition, _leaseId, token));
        _closing.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, Lost);
        var wait = _timing.Renew;
        try
        {
            while (true)
            {
                await Task.Delay(wait, _time, ending.Token);
                var sent = _time.GetTimestamp();
                var answer = await _store.CallAsync((store, token) => store.RenewAsync(_partition, _leaseId, token), ending.Token);
                // Too late is lost, whatever the store says now: between the deadline and here nobody may have worked.
                if (answer.Outcome == StoreOutcome.Done && IsHeld)
                {
                    Interlocked.Exchange(ref _provenAt, sent);
                    _lost.CancelAfter(Left > TimeSpan.Zero ? Left : TimeSpan.Zero);
                }

                wait = answer.Outcome == StoreOutcome.Done ? _timing.Renew : _timing.Retry;
                await HeedAsync(answer);
            }
        }
        catch (OperationCanceledException)
        {
            // Closing, or lost.
        }
    }

    private async Task<bool> WriteAsync(PartitionState state)
    {
        var answer = await _store.CallAsync((store, token) => store.WriteAsync(_partition, _leaseId, state, token), Lost);
        await HeedAsync(answer);
        return answer.Outcome == StoreOutcome.Done;
    }

    /// <summary>Lost is lost; anything else may pass until the deadline.</summary>
    private async Task HeedAsync(StoreAnswer answer)
    {
        if (answer.Outcome == StoreOutcome.Done)
            return;
        if (answer.Outcome is StoreOutcome.Lost or StoreOutcome.Busy)
        {
            _lostReason ??= answer.Reason ?? "another instance holds it";
            await _lost.CancelAsync();
            return;
        }

        _logger.StoreTrouble(_partition, _store.Location, answer.Reason ?? "no reason given");
    }

    /// <summary>From the sending of the last request that the store acknowledged.</summary>
    private TimeSpan Left => _timing.Deadline - _time.GetElapsedTime(Interlocked.Read(ref _provenAt));
}
