using System.Collections.Immutable;
using ImapTrigger.Diagnostics;

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
    private readonly OwnerContext _context;
    private readonly StateWriter _writer;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _renewing;
    private readonly Task _writing;
    private string? _lostReason;
    private int _saidBehind;
    private long _provenAt;

    /// <param name="store">Where the partition lives.</param>
    /// <param name="partition">Which.</param>
    /// <param name="leaseId">The lease, which is ours.</param>
    /// <param name="sent">When the request was sent that was granted.</param>
    /// <param name="before">Whether the owner before ended properly.</param>
    /// <param name="state">The state, with our name in it.</param>
    /// <param name="context">Who we are.</param>
    private PartitionLease(TimedStore store, int partition, Guid leaseId, long sent, bool before, PartitionState state, OwnerContext context)
    {
        WasClean = before;
        _provenAt = sent;
        _store = store;
        _partition = partition;
        _leaseId = leaseId;
        _context = context;
        // The deadline is the token's own timer: it fires even if the loop below hangs in a call.
        _lost = new CancellationTokenSource(NotNegative(Left), context.Time);
        Lost = _lost.Token;
        _writer = new StateWriter(state, WriteAsync, context.Timing, context.Writes, context.Time, Lost);
        // Should one of these loops end, it begins anew with what is known here; the deadline ends what it cannot prove meanwhile.
        _writing = context.Supervisor.RunAsync("writing", $"partition {partition}", _ => _writer.RunAsync(), _writer.Closing, Lost);
        _renewing = context.Supervisor.RunAsync("renewing", $"partition {partition}", RenewAsync, _closing.Token, Lost);
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
    public string LostReason => _lostReason ?? $"it could not be renewed for {new Pause(_context.Timing.Deadline)}";

    /// <summary>Takes the lease if nobody has it. The lease id is new with every attempt: two processes never share one.</summary>
    /// <param name="store">Where the partition lives.</param>
    /// <param name="partition">Which.</param>
    /// <param name="watched">The mailboxes that will be watched, given those that have a partition of their own.</param>
    /// <param name="context">Who we are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<StoreAnswer<PartitionLease>> AcquireAsync(
        TimedStore store, int partition, Func<ImmutableSortedSet<int>, ImmutableSortedSet<int>> watched, OwnerContext context, CancellationToken cancellationToken)
    {
        var leaseId = Guid.NewGuid();
        var sent = context.Time.GetTimestamp();
        var answer = await store.CallAsync((inner, token) => inner.AcquireAsync(partition, leaseId, token), cancellationToken);
        if (answer is { Outcome: StoreOutcome.Done, Value: { } read } && context.Time.GetElapsedTime(sent) < context.Timing.Deadline)
        {
            if (answer.Reason is { } leftOut)
                context.Logger.RecordTorn(context.Function, partition, leftOut);
            var state = read with { Owner = context.Instance, Epoch = read.Epoch + 1, Clean = false, Watched = watched(read.Apart) };
            return new StoreAnswer<PartitionLease>(StoreOutcome.Done, new PartitionLease(store, partition, leaseId, sent, read.Clean, state, context));
        }

        // Granted perhaps, and unknown to us or too late: nobody shall have to wait for its end.
        if (answer.Outcome is StoreOutcome.Done or StoreOutcome.Unreachable)
            await store.CallAsync((inner, token) => inner.ReleaseAsync(partition, leaseId, token), cancellationToken);
        return new StoreAnswer<PartitionLease>(
            answer.Outcome == StoreOutcome.Done ? StoreOutcome.Unreachable : answer.Outcome, null, answer.Outcome == StoreOutcome.Done ? "the answer came too late" : answer.Reason);
    }

    /// <summary>The mailboxes that are to be watched while it is ours.</summary>
    public ImmutableSortedSet<int> Watched => _writer.State.Watched;

    /// <summary>The mailboxes of this partition that have one of their own instead.</summary>
    public ImmutableSortedSet<int> Apart => _writer.State.Apart;

    /// <summary>A mailbox is watched from now on; false when it has a partition of its own.</summary>
    public bool Watch(int mailbox)
    {
        var isHere = true;
        if (!_writer.State.Watched.Contains(mailbox))
            _writer.Change(state => (isHere = !state.Apart.Contains(mailbox)) ? state with { Watched = state.Watched.Add(mailbox) } : state);
        return isHere;
    }

    /// <summary>Nobody is at work with a mailbox here any more.</summary>
    public void Leave(int mailbox)
    {
        var now = _context.Time.GetUtcNow();
        _writer.Change(state => state with
        {
            Watched = state.Watched.Remove(mailbox),
            Mailboxes = state.Mailboxes.SetItems(state.Mailboxes.Where(entry => PartitionMap.OwnPartitionOf(entry.Key) == mailbox).Select(entry => KeyValuePair.Create(entry.Key, entry.Value with { GoneSince = now }))),
        });
    }

    /// <summary>Notes since when mailboxes are not watched, and forgets those that have not been for very long.</summary>
    public void Tidy()
    {
        var now = _context.Time.GetUtcNow();
        if (_writer.State.Tidied(now) != _writer.State)
            _writer.Change(state => state.Tidied(now));
    }

    /// <summary>The mailbox's cursor; null when it has never been watched.</summary>
    public MailboxCursor? CursorOf(string mailbox) => _writer.State.Mailboxes.GetValueOrDefault(mailbox);

    /// <summary>Records a cursor soon, together with others; never waits.</summary>
    public void Put(string mailbox, MailboxCursor cursor) =>
        _writer.Change(state => state with { Mailboxes = state.Mailboxes.SetItem(mailbox, cursor) });

    /// <summary>Waits until everything put so far is durable; false when ownership is lost instead.</summary>
    public Task<bool> FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    /// <summary>Waits while older progress than may come twice is not on record (law 17); false when ownership is lost instead.</summary>
    public ValueTask<bool> KeepUpAsync(CancellationToken cancellationToken) => _writer.IsBehind ? new ValueTask<bool>(WaitForRecordAsync(cancellationToken)) : ValueTask.FromResult(true);

    /// <summary>
    /// Gives a mailbox that is not watched here a partition of its own, with its cursor, so that who has it may watch it. The new record comes first: what is in it
    /// counts only from when it is recorded here, for good, that the mailbox is apart. False when that did not succeed; it can be done again.
    /// </summary>
    public async Task<bool> SetApartAsync(int mailbox, CancellationToken cancellationToken)
    {
        // It has left our list, and its last call still runs.
        if (_writer.State.Watched.Contains(mailbox))
            return false;
        var moving = _writer.State.Mailboxes.Where(entry => PartitionMap.OwnPartitionOf(entry.Key) == mailbox).ToArray();
        if (moving.Length > 0 && !await MoveAsync(mailbox, moving, cancellationToken))
            return false;
        // It may have come into our list meanwhile: then it stays, and what lies apart counts for nothing.
        _writer.Change(state => state.Watched.Contains(mailbox) ? state : state with { Apart = state.Apart.Add(mailbox), Mailboxes = state.Mailboxes.RemoveRange(moving.Select(entry => entry.Key)) });
        return _writer.State.Apart.Contains(mailbox) && await FlushAsync(cancellationToken);
    }

    /// <summary>Writes what is not written yet, then releases the lease, so that the next owner need not wait for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        _writer.Change(state => state with { Clean = true });
        await _writer.CloseAsync();
        await _writing;
        await _closing.CancelAsync();
        await _renewing;
        if (!Lost.IsCancellationRequested)
            await _store.CallAsync((store, token) => store.ReleaseAsync(_partition, _leaseId, token));
        _writer.Dispose();
        _closing.Dispose();
        _lost.Dispose();
    }

    private async Task<bool> WaitForRecordAsync(CancellationToken cancellationToken)
    {
        var began = _context.Time.GetTimestamp();
        if (Interlocked.Exchange(ref _saidBehind, 1) == 0)
            _context.Logger.CallsWait(_context.Function, _partition, _context.Timing.Behind, _store.Location);
        while (_writer.IsBehind)
        {
            if (!await _writer.FlushAsync(cancellationToken))
                return false;
        }

        if (Interlocked.Exchange(ref _saidBehind, 0) == 1)
            _context.Logger.CallsGoOn(_context.Function, _partition, _context.Time.GetElapsedTime(began));
        return true;
    }

    private async Task RenewAsync(CancellationToken ending)
    {
        for (var wait = _context.Timing.Renew; ;)
        {
            await Task.Delay(wait, _context.Time, ending);
            var sent = _context.Time.GetTimestamp();
            var answer = await _store.CallAsync((store, token) => store.RenewAsync(_partition, _leaseId, token), ending);
            // Too late is lost, whatever the store says now: between the deadline and here nobody may have worked.
            if (answer.Outcome == StoreOutcome.Done && IsHeld)
            {
                Interlocked.Exchange(ref _provenAt, Math.Max(_provenAt, sent - (long)((answer.Age ?? TimeSpan.Zero).TotalSeconds * _context.Time.TimestampFrequency)));
                _lost.CancelAfter(NotNegative(Left));
            }

            wait = answer is { Outcome: StoreOutcome.Done, Age: null } ? _context.Timing.Renew : _context.Timing.Retry;
            await HeedAsync(answer);
        }
    }

    /// <summary>What an earlier owner has left of a mailbox, into a partition that nobody works on yet.</summary>
    private async Task<bool> MoveAsync(int partition, IEnumerable<KeyValuePair<string, MailboxCursor>> cursors, CancellationToken cancellationToken)
    {
        var leaseId = Guid.NewGuid();
        var answer = await _store.CallAsync((store, token) => store.AcquireAsync(partition, leaseId, token), cancellationToken);
        if (answer is not { Outcome: StoreOutcome.Done, Value: { } state } || !IsHeld)
            return false;
        state = state with { Mailboxes = state.Mailboxes.SetItems(cursors), Watched = [partition] };
        var written = await _store.CallAsync((store, token) => store.WriteAsync(partition, leaseId, state, token), cancellationToken);
        await _store.CallAsync((store, token) => store.ReleaseAsync(partition, leaseId, token), cancellationToken);
        return written.Outcome == StoreOutcome.Done;
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

        _context.Logger.StoreTrouble(_partition, _store.Location, answer.Sentence);
    }

    /// <summary>From the sending of the last request that the store acknowledged.</summary>
    private TimeSpan Left => _context.Timing.Deadline - _context.Time.GetElapsedTime(Interlocked.Read(ref _provenAt));

    private static TimeSpan NotNegative(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
