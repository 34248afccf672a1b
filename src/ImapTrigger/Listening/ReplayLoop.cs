using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>Looks from time to time whether somebody wants a poisoned message of this mailbox delivered again.</summary>
internal sealed class ReplayLoop(MailboxSource source, IPoisonStore store, IMailboxAccess mailbox, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public async Task RunAsync(DeliveryPump pump, uint uidValidity, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var answer = await store.TakeReplaysAsync(source.Key, stopping);
                foreach (var record in answer.Value ?? [])
                {
                    logger.Replayed(source, record.Event.Uid, record.Function);
                    pump.Replay(new ReplayRecord(record, record.Event.UidValidity == uidValidity, store, mailbox));
                }

                await Task.Delay(Interval, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is not taken stays where it is.
        }
    }
}
