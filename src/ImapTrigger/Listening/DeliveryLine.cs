using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox's cursor and the pump that moves it, for as long as its UIDVALIDITY holds.</summary>
internal sealed class DeliveryLine : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly SortedSet<uint> _unresumed;
    private readonly Task _running;

    public DeliveryLine(CursorTracker cursor, DeliveryPump pump, CancellationToken stopping)
    {
        Cursor = cursor;
        Pump = pump;
        _unresumed = new SortedSet<uint>(cursor.Snapshot().Open.Keys);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running = pump.RunAsync(_stopping.Token);
    }

    public CursorTracker Cursor { get; }

    public DeliveryPump Pump { get; }

    /// <summary>What an earlier owner left open and has not been enqueued here yet.</summary>
    public IReadOnlyCollection<uint> Unresumed => _unresumed;

    /// <summary>Takes up messages, in rising order of UID.</summary>
    public void Enqueue(IReadOnlyList<ImapEvent> messages)
    {
        _unresumed.ExceptWith(messages.Select(message => message.Uid));
        Pump.Enqueue(messages);
    }

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
