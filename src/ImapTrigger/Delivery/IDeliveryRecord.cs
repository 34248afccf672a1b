namespace ImapTrigger.Delivery;

/// <summary>One event to be delivered, and what is known of its attempts.</summary>
internal interface IDeliveryRecord
{
    ImapEvent Event { get; }

    /// <summary>Attempts begun.</summary>
    int Attempts { get; }

    /// <summary>The function has succeeded already.</summary>
    bool Done { get; }

    /// <summary>Whether the message is in the mailbox under its UID, so that something can be done to it.</summary>
    bool InMailbox { get; }

    /// <summary>Why the function is not called with it at all; null when it is.</summary>
    Exception? Undeliverable { get; }

    /// <summary>Counts an attempt; false when that cannot be recorded any more.</summary>
    Task<bool> BeginAsync(CancellationToken cancellationToken);

    /// <summary>An attempt that we have ended ourselves counts for nothing.</summary>
    void Unbegin();

    /// <summary>Its delivery has ended undecided, by a stop or a loss: whoever comes next must find it.</summary>
    Task LeaveAsync(CancellationToken cancellationToken);

    /// <summary>The message was not there when it was to be read. Whether it is gone is for those to find out who look at the mailbox (law 13).</summary>
    Task MissAsync(CancellationToken cancellationToken);

    /// <summary>The function has succeeded and must not be called again; what is to be done to the message is not done yet.</summary>
    void MarkDone();

    /// <summary>Decides the event for good: delivered, or put aside or gone.</summary>
    Task SettleAsync(bool delivered, CancellationToken cancellationToken);

    /// <summary>The whole message, byte for byte; null when it is gone.</summary>
    Task<byte[]?> ReadRawAsync(CancellationToken cancellationToken);
}
