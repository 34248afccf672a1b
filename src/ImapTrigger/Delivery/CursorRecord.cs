using ImapTrigger.Ownership;

namespace ImapTrigger.Delivery;

/// <summary>An event whose attempts are counted in the mailbox's cursor.</summary>
/// <param name="message">The event.</param>
/// <param name="careful">Whether even the first attempt is put on record before it begins.</param>
/// <param name="cursor">The cursor.</param>
/// <param name="log">Where the cursor is recorded.</param>
/// <param name="mailbox">The way to the message.</param>
/// <param name="missed">Told when the message is not there to be read.</param>
internal sealed class CursorRecord(ImapEvent message, bool careful, CursorTracker cursor, ICursorLog log, IMailboxAccess mailbox, Action<uint> missed) : IDeliveryRecord
{
    public ImapEvent Event => message;

    public int Attempts => cursor.Find(message.Uid)?.Attempts ?? 0;

    public bool Done => cursor.Find(message.Uid)?.Done == true;

    public string? Verdict => cursor.Find(message.Uid)?.Verdict;

    public DateTimeOffset? NotBefore => cursor.Find(message.Uid)?.NotBefore;

    /// <summary>Is told when the message begins to wait for its time, and when it ends to.</summary>
    public Action<bool>? Waiting { get; init; }

    public bool InMailbox => true;

    public Exception? Undeliverable { get; init; }

    /// <summary>A repeated attempt is on record before it begins, so that one that ends the process counts.</summary>
    public async Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        var attempt = cursor.Begin(message.Uid);
        cursor.Record(log.Put);
        return (attempt == 1 && !careful) || await log.FlushAsync(cancellationToken);
    }

    public void Unbegin()
    {
        cursor.Unbegin(message.Uid);
        cursor.Record(log.Put);
    }

    /// <summary>It is open in the cursor.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task MissAsync(CancellationToken cancellationToken)
    {
        missed(message.Uid);
        return Task.CompletedTask;
    }

    public void MarkDone()
    {
        cursor.MarkDone(message.Uid);
        cursor.Record(log.Put);
    }

    public Task<bool> DecideAsync(MailVerdict verdict, CancellationToken cancellationToken)
    {
        cursor.MarkDone(message.Uid, verdict.ToString());
        cursor.Record(log.Put);
        return log.FlushAsync(cancellationToken);
    }

    public Task<bool> PostponeAsync(DateTimeOffset until, bool counts, CancellationToken cancellationToken)
    {
        cursor.Postpone(message.Uid, until, counts);
        cursor.Record(log.Put);
        return log.FlushAsync(cancellationToken);
    }

    public void Waits(bool begins) => Waiting?.Invoke(begins);

    public Task SettleAsync(bool delivered, CancellationToken cancellationToken)
    {
        cursor.Settle(message.Uid, message);
        cursor.Record(log.Put);
        return Task.CompletedTask;
    }

    public Task<byte[]?> ReadRawAsync(CancellationToken cancellationToken) => mailbox.ReadRawAsync(message.Uid, cancellationToken);
}
