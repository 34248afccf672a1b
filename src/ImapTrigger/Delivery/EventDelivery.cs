using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>Takes one event from its next attempt until it is settled, or until we stop: called, called again with back-off, put aside.</summary>
internal sealed class EventDelivery(
    string mailbox,
    FunctionCall call,
    Settlement settlement,
    ICursorLog log,
    DeliveryOptions options,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>A stop does not wait longer for a store that does not answer.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>Returns whether nothing more is to be done here: it is settled, or missing. A slot is held at the beginning, and only while the function runs.</summary>
    public async Task<bool> RunAsync(IDeliveryRecord record, SemaphoreSlim slots, CancellationToken stopping)
    {
        if (await RunToTheEndAsync(record, slots, stopping))
            return true;
        using var limit = new CancellationTokenSource(LeaveLimit, time);
        try
        {
            await record.LeaveAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // The store is away. Nothing is lost: it is among the poisoned.
        }

        return false;
    }

    private async Task<bool> RunToTheEndAsync(IDeliveryRecord record, SemaphoreSlim slots, CancellationToken stopping)
    {
        var slot = new Slot(slots);
        try
        {
            for (var defects = 1; ; defects++)
            {
                try
                {
                    return await DeliverAsync(record, slot, stopping);
                }
                catch (Exception e) when (!IsEnd(e, stopping))
                {
                    // Nothing known throws here; if something does, it begins anew, and the others go on (law 11).
                    slot.Release();
                    var wait = options.Retry.After(defects);
                    logger.DeliveryDefect(call.Function, mailbox, record.Event.Uid, wait, e);
                    await Task.Delay(wait, time, stopping);
                    await slot.TakeAsync(stopping);
                }
            }
        }
        catch (OperationCanceledException e) when (IsEnd(e, stopping))
        {
            return false;
        }
        finally
        {
            slot.Release();
        }
    }

    private bool IsEnd(Exception e, CancellationToken stopping) =>
        e is WatchEndedException || (e is OperationCanceledException && (stopping.IsCancellationRequested || log.Lost.IsCancellationRequested));

    private async Task<bool> DeliverAsync(IDeliveryRecord record, Slot slot, CancellationToken stopping)
    {
        // Who has used up its attempts in processes that died has no error to show.
        var error = record.Undeliverable;
        while (!record.Done && record.Undeliverable is null && record.Attempts < options.MaxAttempts)
        {
            await WaitForItsTimeAsync(record, slot, stopping);
            var result = await CallAsync(record, stopping);
            slot.Release();
            // Law 4: what ended after ownership was lost is not ours to settle.
            if (result is not { } ended || !log.IsHeld)
                return false;
            if (ended.Outcome == CallOutcome.Abandoned)
            {
                record.Unbegin();
                return false;
            }

            if (ended.Outcome == CallOutcome.MessageGone)
            {
                await record.MissAsync(stopping);
                return true;
            }

            error = ended.Exception;
            if (ended.Outcome == CallOutcome.Succeeded)
            {
                var said = settlement.Verdicts.Of(ended.Returned, record.Event, out error);
                if (error is null && said?.Delay is null)
                    return await settlement.SucceedAsync(record, said, stopping);
                if (said?.Delay is { } delay)
                {
                    error = new VerdictException(said.Reason ?? "The function has asked for it again until its last attempt.");
                    if (!await PostponeAsync(record, said, delay, stopping))
                        return false;
                    continue;
                }
            }

            if (record.Attempts >= options.MaxAttempts)
                return await settlement.PoisonAsync(record, error, stopping);
            await Task.Delay(options.Retry.After(record.Attempts), time, stopping);
            await slot.TakeAsync(stopping);
        }

        slot.Release();
        return record.Done ? await settlement.ResumeAsync(record, stopping) : await settlement.PoisonAsync(record, error, stopping);
    }

    /// <summary>Puts it on record that the function wants the message again; false when that cannot be done any more.</summary>
    public Task<bool> PostponeAsync(IDeliveryRecord record, MailVerdict said, TimeSpan delay, CancellationToken stopping)
    {
        logger.Postponed(call.Function, record.Event.Uid, mailbox, delay, VerdictGrammar.Shown(said.Reason ?? "It has not said why."));
        return record.PostponeAsync(time.GetUtcNow() + delay, said.Counts, stopping);
    }

    /// <summary>Takes no slot meanwhile. By the wall clock, for it may outlive this process; looked at often, for that clock may be set.</summary>
    private async Task WaitForItsTimeAsync(IDeliveryRecord record, Slot slot, CancellationToken stopping)
    {
        if (record.NotBefore is not { } until)
            return;
        slot.Release();
        record.Waits(begins: true);
        try
        {
            while (until - time.GetUtcNow() is { Ticks: > 0 } left)
                await Task.Delay(left < LongestWait ? left : LongestWait, time, stopping);
        }
        finally
        {
            record.Waits(begins: false);
        }

        await slot.TakeAsync(stopping);
    }

    /// <summary>Null when it is not begun any more, or could not be put on record.</summary>
    private async Task<CallResult?> CallAsync(IDeliveryRecord record, CancellationToken stopping)
    {
        if (!await log.KeepUpAsync(stopping))
            return null;
        // By the clock: a process that was frozen may wake up in this line, with another owner at work. And a slot that comes free in the moment of a stop may still be given.
        if (stopping.IsCancellationRequested || call.IsCancelled || !log.IsHeld || !await record.BeginAsync(stopping))
            return null;
        var message = record.Event with { Attempt = record.Attempts };
        var telemetry = CallTelemetry.Begin(call.Function, message, time);
        var result = await call.InvokeAsync(mailbox, new ImapDelivery(message, record));
        telemetry.End(result);
        switch (result.Outcome)
        {
            case CallOutcome.Succeeded:
                logger.Delivered(call.Function, message.Uid, message.Attempt);
                break;
            case CallOutcome.MessageGone:
                logger.MessageGone(call.Function, message.Uid);
                break;
            case CallOutcome.Abandoned:
                logger.DeliveryAbandoned(call.Function, message.Uid);
                break;
            case CallOutcome.Failed when message.Attempt < options.MaxAttempts:
                logger.DeliveryFailed(call.Function, mailbox, message.Uid, message.Attempt, options.MaxAttempts);
                break;
        }

        return result;
    }

    /// <summary>Our place among the calls that may run at once, however the delivery ends.</summary>
    private sealed class Slot(SemaphoreSlim slots)
    {
        private bool _isTaken = true;

        public async Task TakeAsync(CancellationToken cancellationToken)
        {
            await slots.WaitAsync(cancellationToken);
            _isTaken = true;
        }

        public void Release()
        {
            if (!_isTaken)
                return;
            _isTaken = false;
            slots.Release();
        }
    }
}
