using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using ImapTrigger.Supervision;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>Decides events for good: what is to be done to the message, the poison record, then the cursor. Each returns whether it is settled.</summary>
internal sealed class Settlement(
    string mailbox,
    string function,
    AfterActions actions,
    IPoisonStore poison,
    IMailboxAccess access,
    ICursorLog log,
    TimeProvider time,
    ILogger logger)
{
    private const int MaxError = 16 * 1024;
    private static readonly Backoff StoreRetry = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    /// <summary>The function has succeeded; that is on record before the message is touched, so that it is not called again.</summary>
    public async Task<bool> SucceedAsync(IDeliveryRecord record, CancellationToken stopping)
    {
        var again = record.Done;
        if (!again && !actions.OnSuccess.IsNone)
            record.MarkDone();
        return await SettleAsync(record, actions.OnSuccess, again, delivered: true, stopping);
    }

    /// <summary>All attempts have failed: the message is put aside, whole, with the last error. What cannot be put aside whole stays in the mailbox.</summary>
    public async Task<bool> PoisonAsync(IDeliveryRecord record, Exception? error, CancellationToken stopping)
    {
        var (raw, problem) = await SalvageAsync(record, stopping);
        var entry = new PoisonRecord
        {
            Mailbox = mailbox,
            Function = function,
            Event = record.Event with { Attempt = record.Attempts },
            Attempts = record.Attempts,
            Error = Shorten(error?.ToString()) ?? "The process ended during every attempt.",
            NoRawMessage = problem,
            PoisonedAt = time.GetUtcNow(),
        };
        for (var failures = 1; ; failures++)
        {
            var answer = await poison.PutAsync(entry, raw, stopping);
            if (answer.Outcome == StoreOutcome.Done)
                break;
            logger.PoisonNotStored(function, mailbox, record.Event.Uid, answer.Sentence);
            await Task.Delay(StoreRetry.After(failures), time, stopping);
        }

        Metrics.Poisoned.Add(1, Metrics.Of(function, record.Event.Tag));
        logger.Poisoned(function, mailbox, record.Event.Uid, record.Attempts, poison.PathOf(entry), error);
        if (problem is not null)
            logger.PoisonWithoutMessage(function, record.Event.Uid, mailbox, actions.OnPoison, problem);
        return await SettleAsync(record, problem is null ? actions.OnPoison : AfterAction.None, again: true, delivered: false, stopping);
    }

    /// <param name="record">The event.</param>
    /// <param name="action">What is to be done.</param>
    /// <param name="again">Whether a process may have begun with it before, and ended.</param>
    /// <param name="delivered">Whether the function has succeeded.</param>
    /// <param name="stopping">Gives up.</param>
    private async Task<bool> SettleAsync(IDeliveryRecord record, AfterAction action, bool again, bool delivered, CancellationToken stopping)
    {
        if (!log.IsHeld)
            return false;
        if (!action.IsNone && record.InMailbox && await access.ApplyAsync(record.Event.Uid, action, again, stopping) is { } refusal)
            // Trying again would not help, and holding the event back would not either.
            logger.ActionRefused(function, mailbox, action, record.Event.Uid, refusal);
        if (!log.IsHeld)
            return false;
        await record.SettleAsync(delivered, stopping);
        logger.Settled(function, mailbox, record.Event.Uid);
        return true;
    }

    /// <summary>The raw message, or why it could not be read.</summary>
    private static async Task<(byte[]? Raw, string? Problem)> SalvageAsync(IDeliveryRecord record, CancellationToken stopping)
    {
        try
        {
            return await record.ReadRawAsync(stopping) is { } raw ? (raw, null) : (null, "It is not in the mailbox any more.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Every attempt to fetch it broke the connection: it may be what broke it, and is put aside all the same.
            return (null, Shorten(e.Message));
        }
    }

    private static string? Shorten(string? text) => text?.Length > MaxError ? text[..MaxError] : text;
}
