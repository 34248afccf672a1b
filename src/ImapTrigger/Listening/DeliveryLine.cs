using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox's cursor and the pump that moves it, for as long as its UIDVALIDITY holds.</summary>
internal sealed class DeliveryLine : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly SortedSet<uint> _unresumed;
    private readonly Task _running;
    private bool _careful;

    /// <param name="cursor">The cursor.</param>
    /// <param name="pump">What delivers.</param>
    /// <param name="replays">Brings poisoned messages back, until stopping.</param>
    /// <param name="careful">The last owner did not end properly: what it was working on may have killed it.</param>
    /// <param name="stopping">Ends both.</param>
    public DeliveryLine(CursorTracker cursor, DeliveryPump pump, Func<DeliveryPump, CancellationToken, Task> replays, bool careful, CancellationToken stopping)
    {
        Cursor = cursor;
        Pump = pump;
        _careful = careful;
        _unresumed = new SortedSet<uint>(cursor.Snapshot().Open.Keys);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running = Task.WhenAll(pump.RunAsync(_stopping.Token), replays(pump, _stopping.Token));
    }

    public CursorTracker Cursor { get; }

    public DeliveryPump Pump { get; }

    /// <summary>What an earlier owner left open and has not been enqueued here yet.</summary>
    public IReadOnlyCollection<uint> Unresumed => _unresumed;

    /// <summary>Takes up messages, in rising order of UID.</summary>
    public void Enqueue(IReadOnlyList<ImapEvent> messages)
    {
        _unresumed.ExceptWith(messages.Select(message => message.Uid));
        Pump.Enqueue(messages, _careful);
    }

    /// <summary>All that was there when the last owner died has been taken up.</summary>
    public void CaughtUp() => _careful = false;

    /// <summary>An open message that is gone from the mailbox has nothing left to deliver.</summary>
    public void Drop(uint uid)
    {
        _unresumed.Remove(uid);
        Cursor.Settle(uid);
    }

    /// <summary>Begins no further calls and waits for those that run.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        Pump.Dispose();
    }
}
