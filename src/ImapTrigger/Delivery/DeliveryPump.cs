using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using ImapTrigger.Ownership;

namespace ImapTrigger.Delivery;

/// <summary>
/// Delivers one mailbox's events: begun in order of UID, so many calls at once. An event that waits for its next attempt does not hold up
/// the others.
/// </summary>
internal sealed class DeliveryPump(CursorTracker cursor, ICursorLog log, IMailboxAccess mailbox, EventDelivery delivery, DeliveryOptions options) : IAsyncDisposable
{
    // Who enqueues also begins what there is a slot for: until the function itself, nothing blocks, and a hop to another thread would cost more than all of it.
    private readonly Channel<IDeliveryRecord> _queue =
        Channel.CreateUnbounded<IDeliveryRecord>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly ConcurrentDictionary<IDeliveryRecord, Task> _running = new();
    private readonly SemaphoreSlim _slots = new(options.MaxConcurrentCalls);
    private List<IDeliveryRecord>? _held;
    private Exception? _defect;
    private int _open;
    private int _waiting;

    /// <summary>Raised when an event has been settled, or waits for its time: there may be room again.</summary>
    public event Action? Settled;

    /// <summary>Raised when a message was not there to be read; it is still open, and not in work here any more.</summary>
    public event Action<uint>? Missed;

    /// <summary>What the function is not called with; null lets everything pass.</summary>
    public Sieve? Sieve { get; init; }

    /// <summary>After so many failed attempts a message is put aside.</summary>
    public int MaxAttempts => options.MaxAttempts;

    /// <summary>So many events may be taken up and not settled.</summary>
    public int Most => options.MaxOpen;

    /// <summary>How many more events may be enqueued.</summary>
    public int Room => Math.Max(0, options.MaxOpen - Volatile.Read(ref _open) + Math.Min(Volatile.Read(ref _waiting), options.MaxOpen));

    /// <summary>Takes up events in rising order of UID: from here on they are open until they are settled.</summary>
    /// <param name="messages">The events.</param>
    /// <param name="careful">Whether each is on record before it is called, for one of them may have killed the last owner.</param>
    /// <param name="hold">Whether they wait for <see cref="TakeHeld"/>.</param>
    public void Enqueue(IReadOnlyList<ImapEvent> messages, bool careful, bool hold = false)
    {
        foreach (var message in messages)
        {
            cursor.Take(message);
            if (IsSifted(message))
            {
                cursor.Settle(message.Uid, message);
                continue;
            }

            Interlocked.Increment(ref _open);
            if (hold)
                (_held ??= []).Add(Record(message, careful));
            else
                _queue.Writer.TryWrite(Record(message, careful));
        }

        cursor.Record(log.Put);
    }

    /// <summary>What begins the events that are held, as far as there are slots, on the thread that calls it; null when none are.</summary>
    public Action? TakeHeld()
    {
        if (_held is not { } held)
            return null;
        _held = null;
        return () =>
        {
            foreach (var record in held)
                _queue.Writer.TryWrite(record);
        };
    }

    /// <summary>Takes up a message of which nothing can be had: it is put aside without a call.</summary>
    public void PutAside(ImapEvent message, Exception reason)
    {
        Interlocked.Increment(ref _open);
        _queue.Writer.TryWrite(Record(message, careful: false, reason));
    }

    /// <summary>Takes up a poisoned message once more; it takes no room from what is in the cursor.</summary>
    public void Replay(ReplayRecord record) => _queue.Writer.TryWrite(record);

    /// <summary>Runs until stopping: then nothing more is begun, and it returns when the calls that run have ended.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stopping))
            {
                if (Interlocked.Exchange(ref _defect, null) is { } defect)
                    ExceptionDispatchInfo.Throw(defect);
                await _slots.WaitAsync(stopping);
                // Taken from the queue when it begins, so that nothing is between: this loop may break off and begin anew.
                if (!_queue.Reader.TryRead(out var record))
                {
                    _slots.Release();
                    continue;
                }

                var running = _running[record] = DeliverAsync(record, stopping);
                // It may have ended, and removed itself, before it was entered.
                if (running.IsCompleted)
                    _running.TryRemove(record, out _);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whatever waits in the queue stays open in the cursor.
        }

        await Task.WhenAll(_running.Values);
    }

    /// <summary>Waits for the calls that run, also where the loop was not there to do so.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _slots.Dispose();
    }

    /// <summary>Decided before the first call: what has been begun is ended, whatever has become of its flags since.</summary>
    private bool IsSifted(ImapEvent message) => Sieve is not null && cursor.Find(message.Uid) is { Attempts: 0, Done: false } && !Sieve.Passes(message);

    private CursorRecord Record(ImapEvent message, bool careful, Exception? undeliverable = null) =>
        new(message, careful, cursor, log, mailbox, uid => Missed?.Invoke(uid)) { Undeliverable = undeliverable, Waiting = Waits };

    /// <summary>What waits for its time holds nothing up: as many again as may be open. Of more, those beyond take room.</summary>
    private void Waits(bool begins)
    {
        Interlocked.Add(ref _waiting, begins ? 1 : -1);
        if (begins)
            Settled?.Invoke();
    }

    private async Task DeliverAsync(IDeliveryRecord record, CancellationToken stopping)
    {
        var isDone = false;
        try
        {
            isDone = await delivery.RunAsync(record, _slots, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // It must not lie open until the next owner comes, and nobody be told: the loop breaks off, and begins with it anew.
            _running.TryRemove(record, out _);
            Volatile.Write(ref _defect, e);
            _queue.Writer.TryWrite(record);
            return;
        }

        if (isDone && record is CursorRecord)
        {
            Interlocked.Decrement(ref _open);
            Settled?.Invoke();
        }

        _running.TryRemove(record, out _);
    }
}
