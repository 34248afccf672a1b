using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>One mailbox's place in the record of its partition.</summary>
internal sealed class LeasedCursor(PartitionLease lease, string mailbox) : ICursorLog
{
    public CancellationToken Lost => lease.Lost;

    public bool IsHeld => lease.IsHeld;

    public void Put(MailboxCursor cursor) => lease.Put(mailbox, cursor);

    public ValueTask<bool> KeepUpAsync(CancellationToken cancellationToken) => lease.KeepUpAsync(cancellationToken);

    public Task<bool> FlushAsync(CancellationToken cancellationToken) => lease.FlushAsync(cancellationToken);
}
