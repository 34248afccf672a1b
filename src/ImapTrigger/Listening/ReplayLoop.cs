using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// Looks from time to time whether somebody wants poisoned messages delivered again: one look for all mailboxes of a function that are ours, each of which takes
/// its own, one after the other.
/// </summary>
internal sealed class ReplayLoop(string function, IPoisonStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, ReplayQueue> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unreadable = new(StringComparer.Ordinal);
    private readonly Bell _bell = new();
    private (StoreOutcome Outcome, string? Reason) _said;

    /// <summary>The looks. Without a mailbox there is none.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // The look in which the loop broke off has silenced it.
        if (!_queues.IsEmpty)
            _bell.Ring();
        while (true)
        {
            await _bell.Rung.WaitAsync(stopping);
            _bell.Silence();
            var answer = await store.ListReplaysAsync(stopping);
            if (answer is { Outcome: StoreOutcome.Done, Value: { } names })
                Offer(names);
            else if (_said != (answer.Outcome, answer.Reason))
                logger.ReplaysNotTaken(function, answer.Sentence);
            _said = (answer.Outcome, answer.Reason);
            await Task.Delay(Interval, time, stopping);
            if (!_queues.IsEmpty)
                _bell.Ring();
        }
    }

    /// <summary>Takes the replays of one mailbox, until stopping.</summary>
    public async Task TakeAsync(MailboxSource source, uint uidValidity, DeliveryPump pump, IMailboxAccess mailbox, CancellationToken stopping)
    {
        var queue = new ReplayQueue();
        var folder = PoisonRecord.Folder(source.Key);
        _queues[folder] = queue;
        _bell.Ring();
        try
        {
            while (true)
                await TakeAsync(await queue.NextAsync(stopping), source, uidValidity, pump, mailbox, stopping);
        }
        finally
        {
            // Unless the mailbox has a queue of a later line already.
            _queues.TryRemove(KeyValuePair.Create(folder, queue));
        }
    }

    private async Task TakeAsync(string name, MailboxSource source, uint uidValidity, DeliveryPump pump, IMailboxAccess mailbox, CancellationToken stopping)
    {
        var answer = await store.ReadReplayAsync(name, stopping);
        if (answer.Outcome == StoreOutcome.Unreadable && _unreadable.TryAdd(name, true))
            logger.ReplayUnreadable(function, name, answer.Sentence);
        if (answer is not { Outcome: StoreOutcome.Done, Value: { } record })
            return;
        var replay = new ReplayRecord(record, name, record.Event.UidValidity == uidValidity, store, mailbox);
        logger.Replayed(source, record.Event.Uid, record.Function);
        pump.Replay(replay);
        // The next when this one's call begins: what waits is still to be taken by whoever comes after us.
        await replay.Begun.WaitAsync(stopping);
    }

    private void Offer(IEnumerable<string> names)
    {
        foreach (var ofMailbox in names.GroupBy(name => name.Split('/')[0], StringComparer.Ordinal))
        {
            if (_queues.TryGetValue(ofMailbox.Key, out var queue))
                queue.Offer([.. ofMailbox]);
        }
    }
}
