using ImapTrigger.Supervision;

namespace ImapTrigger.Listening;

/// <summary>Whether IDLE is used where the server offers it: one that refuses it, or ends the connection over it, is polled, and tried again from time to time.</summary>
internal sealed class IdleOffer(TimeProvider time)
{
    /// <summary>A connection that ends so soon after IDLE began has ended because of it.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private const int Patience = 2;
    private static readonly Backoff Retry = new(TimeSpan.FromMinutes(10), TimeSpan.FromHours(2));

    private TimeSpan _wait;
    private long _since;

    /// <summary>Refusals in a row.</summary>
    public int Refusals { get; private set; }

    public bool IsUsable => Refusals < Patience || time.GetElapsedTime(_since) >= _wait;

    /// <summary>IDLE was refused. Returns how long it is not tried; zero when it is tried again at once.</summary>
    public TimeSpan Refused()
    {
        Refusals++;
        (_wait, _since) = (Refusals < Patience ? TimeSpan.Zero : Retry.After(Refusals - Patience + 1), time.GetTimestamp());
        return _wait;
    }

    /// <summary>IDLE is on, and has been for a while.</summary>
    public void Held() => Refusals = 0;
}
