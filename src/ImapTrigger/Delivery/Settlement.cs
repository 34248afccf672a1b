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
    private readonly IReadOnlyList<AfterAction> _onSuccess = actions.OnSuccess.IsNone ? [] : [actions.OnSuccess];
    private readonly IReadOnlyList<AfterAction> _onPoison = actions.OnPoison.IsNone ? [] : [actions.OnPoison];

    /// <summary>What the function says itself.</summary>
    public Verdicts Verdicts { get; } = new(actions.Verdicts, function, mailbox, logger);

    /// <summary>
    /// The function has succeeded; that is on record before the message is touched, so that it is not called again. What it has said itself is durable before: no later call could say it
    /// again.
    /// </summary>
    public async Task<bool> SucceedAsync(IDeliveryRecord record, MailVerdict? said, CancellationToken stopping)
    {
        if (said is null)
        {
            if (_onSuccess.Count > 0)
                record.MarkDone();
        }
        else if ((said.IsPoison || said.Actions.Count > 0) && !await record.DecideAsync(said, stopping))
        {
            return false;
        }

        return await CarryOutAsync(record, said, again: false, stopping);
    }

    /// <summary>The function has succeeded in another process, or before something broke off.</summary>
    public Task<bool> ResumeAsync(IDeliveryRecord record, CancellationToken stopping)
    {
        if (record.Verdict is not { } text)
            return CarryOutAsync(record, said: null, again: true, stopping);
        if (!MailVerdict.TryParse(text, out var said))
            logger.VerdictUnreadable(function, record.Event.Uid, mailbox, VerdictGrammar.Shown(text));
        return CarryOutAsync(record, said ?? MailVerdict.Done, again: true, stopping);
    }

    /// <summary>All attempts have failed: the message is put aside, whole, with the last error. What cannot be put aside whole stays in the mailbox.</summary>
    public Task<bool> PoisonAsync(IDeliveryRecord record, Exception? error, CancellationToken stopping) => PutAsideAsync(record, error, wanted: false, stopping);

    private Task<bool> CarryOutAsync(IDeliveryRecord record, MailVerdict? said, bool again, CancellationToken stopping) => said is { IsPoison: true }
        ? PutAsideAsync(record, new VerdictException(said.Reason ?? "The function has put it aside and has not said why."), wanted: true, stopping)
        : SettleAsync(record, said?.Actions ?? _onSuccess, again, delivered: true, stopping);

    private async Task<bool> PutAsideAsync(IDeliveryRecord record, Exception? error, bool wanted, CancellationToken stopping)
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
        if (wanted)
            logger.PoisonedByVerdict(function, record.Event.Uid, mailbox, poison.PathOf(entry), VerdictGrammar.Shown(error!.Message));
        else
            logger.Poisoned(function, mailbox, record.Event.Uid, record.Attempts, poison.PathOf(entry), error);
        if (problem is not null)
            logger.PoisonWithoutMessage(function, record.Event.Uid, mailbox, actions.OnPoison, problem);
        return await SettleAsync(record, problem is null ? _onPoison : [], again: true, delivered: false, stopping);
    }

    /// <param name="record">The event.</param>
    /// <param name="steps">What is to be done, in order: what comes after a refusal is not, for it may remove what could not be kept.</param>
    /// <param name="again">Whether a process may have begun with it before, and ended.</param>
    /// <param name="delivered">Whether the function has succeeded.</param>
    /// <param name="stopping">Gives up.</param>
    private async Task<bool> SettleAsync(IDeliveryRecord record, IReadOnlyList<AfterAction> steps, bool again, bool delivered, CancellationToken stopping)
    {
        if (!log.IsHeld)
            return false;
        for (var i = 0; i < steps.Count && record.InMailbox; i++)
        {
            var refusal = await access.ApplyAsync(record.Event.Uid, steps[i], again, stopping);
            if (!log.IsHeld)
                return false;
            if (refusal is null)
                continue;
            // Trying again would not help, and holding the event back would not either.
            if (refusal.Length > 0)
                logger.ActionRefused(function, mailbox, steps[i], record.Event.Uid, refusal);
            if (i + 1 < steps.Count)
                logger.ActionsLeft(function, string.Join("; ", steps.Skip(i + 1)), record.Event.Uid, mailbox, steps[i]);
            break;
        }

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
