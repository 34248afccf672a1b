using ImapTrigger.Ownership;

namespace ImapTrigger.Delivery;

/// <summary>Where one mailbox's progress is recorded while its partition is ours.</summary>
internal interface ICursorLog
{
    /// <summary>Signalled when the partition is not ours any more.</summary>
    CancellationToken Lost { get; }

    /// <summary>Whether it is ours at this moment, by the clock itself: asked before anything is done that cannot be taken back.</summary>
    bool IsHeld { get; }

    /// <summary>Records progress soon; never waits.</summary>
    void Put(MailboxCursor cursor);

    /// <summary>Waits while progress that is older than may come twice is not durable (law 17); false when ownership is lost instead.</summary>
    ValueTask<bool> KeepUpAsync(CancellationToken cancellationToken);

    /// <summary>Waits until everything put so far is durable; false when ownership is lost instead.</summary>
    Task<bool> FlushAsync(CancellationToken cancellationToken);
}
