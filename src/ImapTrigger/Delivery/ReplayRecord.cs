using ImapTrigger.Ownership;

namespace ImapTrigger.Delivery;

/// <summary>
/// A poisoned message that somebody wants delivered again. Its message is the one that was put aside: in the mailbox it may have been moved
/// or renumbered since. Attempts are counted in memory; when we die, it is still among the poisoned.
/// </summary>
internal sealed class ReplayRecord(PoisonRecord record, bool inMailbox, IPoisonStore store, IMailboxAccess mailbox) : IDeliveryRecord
{
    public ImapEvent Event => record.Event;

    public int Attempts { get; private set; }

    public bool Done => false;

    public bool InMailbox => inMailbox;

    public Exception? Undeliverable => null;

    public Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        Attempts++;
        return Task.FromResult(true);
    }

    /// <summary>Not kept: when we die in between, it is among the poisoned, and nobody calls it again by himself.</summary>
    public void MarkDone()
    {
    }

    /// <summary>Only a success clears it away; put aside again, it has just been written anew.</summary>
    public async Task SettleAsync(bool delivered, CancellationToken cancellationToken)
    {
        if (delivered)
            await store.RemoveAsync(record, cancellationToken);
    }

    public async Task<byte[]?> ReadRawAsync(CancellationToken cancellationToken)
    {
        var stored = await store.ReadRawAsync(record, cancellationToken);
        if (stored is { Outcome: StoreOutcome.Done, Value: { Length: > 0 } raw })
            return raw;
        return inMailbox ? await mailbox.ReadRawAsync(record.Event.Uid, cancellationToken) : null;
    }
}
