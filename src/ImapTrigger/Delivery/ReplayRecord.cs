using ImapTrigger.Ownership;

namespace ImapTrigger.Delivery;

/// <summary>
/// A poisoned message that somebody wants delivered again. Its message is the one that was put aside: in the mailbox it may have been moved
/// or renumbered since. Attempts are counted in memory; when we die, it is still among the poisoned.
/// </summary>
/// <param name="record">The record.</param>
/// <param name="name">Its name below <c>replay/</c>.</param>
/// <param name="inMailbox">Whether its UID still means that message.</param>
/// <param name="store">Where it lies.</param>
/// <param name="mailbox">The way to the mailbox.</param>
internal sealed class ReplayRecord(PoisonRecord record, string name, bool inMailbox, IPoisonStore store, IMailboxAccess mailbox) : IDeliveryRecord
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _taken;

    /// <summary>Ends when it has been taken, or cannot be.</summary>
    public Task Begun => _begun.Task;

    public ImapEvent Event => record.Event;

    public int Attempts { get; private set; }

    public bool Done => false;

    public string? Verdict => null;

    public DateTimeOffset? NotBefore { get; private set; }

    public bool InMailbox => inMailbox;

    public Exception? Undeliverable => null;

    /// <summary>Taken now, and not before: until its call begins, a stop leaves it where it is.</summary>
    public async Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_taken && (await store.TakeReplayAsync(name, cancellationToken)).Outcome != StoreOutcome.Done)
                return false;
            _taken = true;
        }
        finally
        {
            _begun.TrySetResult();
        }

        Attempts++;
        NotBefore = null;
        return true;
    }

    public void Unbegin() => Attempts--;

    /// <summary>Wanted again, as before: back below <c>replay/</c>. Whatever the store says, it is among the poisoned.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_taken)
            await store.ReturnReplayAsync(name, record, cancellationToken);
    }

    /// <summary>It stays among the poisoned.</summary>
    public Task MissAsync(CancellationToken cancellationToken) => SettleAsync(delivered: false, cancellationToken);

    /// <summary>Not kept: when we die in between, it is among the poisoned, and nobody calls it again by himself.</summary>
    public void MarkDone()
    {
    }

    /// <summary>Like <see cref="MarkDone"/>.</summary>
    public Task<bool> DecideAsync(MailVerdict verdict, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Waits in memory: a stop puts it back below <c>replay/</c>, and the next owner takes it at once.</summary>
    public Task<bool> PostponeAsync(DateTimeOffset until, bool counts, CancellationToken cancellationToken)
    {
        NotBefore = until;
        Attempts -= counts ? 0 : 1;
        return Task.FromResult(true);
    }

    public void Waits(bool begins)
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
        // Not known is not gone.
        if (stored.Outcome != StoreOutcome.Done && !inMailbox)
            throw new IOException($"The message that was put aside could not be read: {stored.Reason}");
        return inMailbox ? await mailbox.ReadRawAsync(record.Event.Uid, cancellationToken) : null;
    }
}
