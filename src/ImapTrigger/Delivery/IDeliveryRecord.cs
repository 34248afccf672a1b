namespace ImapTrigger.Delivery;

/// <summary>One event to be delivered, and what is known of its attempts.</summary>
internal interface IDeliveryRecord
{
    ImapEvent Event { get; }

    /// <summary>Attempts begun.</summary>
    int Attempts { get; }

    /// <summary>The function has succeeded already.</summary>
    bool Done { get; }

    /// <summary>What it has said is to become of the message, as far as that is on record; null when it has said nothing.</summary>
    string? Verdict { get; }

    /// <summary>The function is not called with it before; null when it may be.</summary>
    DateTimeOffset? NotBefore { get; }

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

    /// <summary>The same, with what the function has said is to become of the message; true once that is durable, false when ownership is lost instead.</summary>
    Task<bool> DecideAsync(MailVerdict verdict, CancellationToken cancellationToken);

    /// <summary>The function wants it again later; true once that is durable, false when ownership is lost instead.</summary>
    /// <param name="until">When.</param>
    /// <param name="counts">Whether that counts as an attempt that has failed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<bool> PostponeAsync(DateTimeOffset until, bool counts, CancellationToken cancellationToken);

    /// <summary>It begins to wait for its time, or ends to: it is not in work meanwhile.</summary>
    void Waits(bool begins);

    /// <summary>Decides the event for good: delivered, or put aside or gone.</summary>
    Task SettleAsync(bool delivered, CancellationToken cancellationToken);

    /// <summary>The whole message, byte for byte; null when it is gone.</summary>
    Task<byte[]?> ReadRawAsync(CancellationToken cancellationToken);
}
