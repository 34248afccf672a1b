using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox's cursor and the pump that moves it, for as long as its UIDVALIDITY holds.</summary>
internal sealed class DeliveryLine : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly Task _running;

    public DeliveryLine(CursorTracker cursor, DeliveryPump pump, CancellationToken stopping)
    {
        Cursor = cursor;
        Pump = pump;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running = pump.RunAsync(_stopping.Token);
    }

    public CursorTracker Cursor { get; }

    public DeliveryPump Pump { get; }

    /// <summary>Begins no further calls and waits for those that run.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        Pump.Dispose();
    }
}
