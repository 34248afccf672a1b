using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox's cursor and the pump that moves it, for as long as its UIDVALIDITY holds.</summary>
internal sealed class DeliveryLine : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly SortedSet<uint> _pending;
    private readonly ConcurrentQueue<uint> _missed = new();
    private readonly ICursorLog _log;
    private readonly Task _running;
    private bool _careful;
    private int _disposed;

    /// <param name="cursor">The cursor.</param>
    /// <param name="log">Where it is recorded.</param>
    /// <param name="pump">What delivers.</param>
    /// <param name="run">Runs both loops, delivering and replaying, until stopping.</param>
    /// <param name="careful">The last owner did not end properly: what it was working on may have killed it.</param>
    /// <param name="stopping">Ends both.</param>
    public DeliveryLine(CursorTracker cursor, ICursorLog log, DeliveryPump pump, Func<CancellationToken, Task> run, bool careful, CancellationToken stopping)
    {
        Cursor = cursor;
        Pump = pump;
        _log = log;
        _careful = careful;
        _pending = new SortedSet<uint>(cursor.Snapshot().Open.Keys);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        pump.Missed += _missed.Enqueue;
        _running = run(_stopping.Token);
    }

    public CursorTracker Cursor { get; }

    public DeliveryPump Pump { get; }

    /// <summary>Open messages whose metadata has not come yet: an earlier owner's, or named by the server and not given.</summary>
    public IReadOnlyCollection<uint> Pending => _pending;

    /// <summary>So much is named and not given that nothing new is taken up until some of it has come, or is known to be gone.</summary>
    public bool OwesTooMuch => _pending.Count > Pump.Most;

    /// <summary>Whether a message was not there when a function was to read it.</summary>
    public bool HasMissed => !_missed.IsEmpty;

    /// <summary>Whether the last owner died at work, and what it worked on has not all been taken up since.</summary>
    public bool IsCareful => _careful;

    /// <summary>Takes up messages, in rising order of UID; those that are taken up already are left out.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="hold">Whether their calls wait for <see cref="DeliveryPump.TakeHeld"/>.</param>
    public void Enqueue(IReadOnlyList<ImapEvent> messages, bool hold = false)
    {
        var known = Cursor.Snapshot();
        var wanted = messages.Where(message => _pending.Contains(message.Uid) || !known.Open.ContainsKey(message.Uid)).ToList();
        if (known.Renumbered is { } renumbered)
            PassOver(wanted, new NewMessages(renumbered.Since, known.Recent), renumbered.UpTo);
        if (known.StartBacklog is { } backlog)
            PassOver(wanted, backlog);
        _pending.ExceptWith(wanted.Select(message => message.Uid));
        Pump.Enqueue(wanted, _careful, hold);
    }

    /// <summary>The server has named this message and not given it: from here on it is open.</summary>
    public void Owe(uint uid)
    {
        if (Cursor.Find(uid) is not null)
            return;
        Cursor.Take(uid);
        _pending.Add(uid);
        Record();
    }

    /// <summary>Takes back what was not there to be read: it is asked for by name like any that does not come.</summary>
    public void TakeBackMissed()
    {
        while (_missed.TryDequeue(out var uid))
            _pending.Add(uid);
    }

    /// <summary>Nothing can be had of this message: it is put aside.</summary>
    public void PutAside(ImapEvent message, Exception reason)
    {
        _pending.Remove(message.Uid);
        Pump.PutAside(message, reason);
    }

    /// <summary>A pending message that is gone from the mailbox has nothing left to deliver.</summary>
    public void Drop(uint uid)
    {
        _pending.Remove(uid);
        Cursor.Settle(uid);
        Record();
    }

    /// <summary>All that was there when the last owner died has been taken up.</summary>
    public void CaughtUp() => _careful = false;

    public void Record() => Cursor.Record(_log.Put);

    /// <summary>Waits until the cursor as it is now is durable: what comes next may end the process.</summary>
    public Task RecordedAsync(CancellationToken cancellationToken)
    {
        Record();
        return _log.FlushAsync(cancellationToken);
    }

    /// <summary>Begins no further calls and waits for those that run.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        await Pump.DisposeAsync();
    }

    /// <summary>What was taken up once is delivered, though it may have been read since.</summary>
    private void PassOver(List<ImapEvent> messages, StartBacklog backlog)
    {
        foreach (var old in messages.Where(message => !backlog.Wants(message) && Cursor.Find(message.Uid)?.Identity is null).ToArray())
        {
            messages.Remove(old);
            _pending.Remove(old.Uid);
            Cursor.Pass(old.Uid);
        }

        Record();
    }

    private void PassOver(List<ImapEvent> messages, NewMessages news, uint upTo)
    {
        foreach (var old in messages.Where(message => message.Uid <= upTo && !_pending.Contains(message.Uid) && !news.Contains(message.MessageId, message.Size, message.InternalDate)).ToArray())
        {
            // In order with the others: what lies between would else be a gap.
            messages.Remove(old);
            Cursor.Pass(old.Uid);
        }

        Record();
    }
}
