using ImapTrigger.Supervision;

namespace ImapTrigger.Delivery;

/// <param name="MaxConcurrentCalls">Calls of the function at once.</param>
/// <param name="MaxAttempts">After so many failed attempts a message is put aside.</param>
internal sealed record DeliveryOptions(int MaxConcurrentCalls, int MaxAttempts)
{
    /// <summary>Events taken up and not settled, at most: beyond it nothing more is fetched.</summary>
    public int MaxOpen { get; init; } = 1000;

    /// <summary>The pauses between attempts.</summary>
    public Backoff Retry { get; init; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));
}
