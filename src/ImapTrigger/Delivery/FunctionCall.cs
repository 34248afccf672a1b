using System.Globalization;
using Microsoft.Azure.WebJobs.Host.Executors;

namespace ImapTrigger.Delivery;

/// <summary>How a call of the function ended.</summary>
internal enum CallOutcome
{
    Succeeded,

    Failed,

    /// <summary>It was cancelled by us, because the host stops or the partition is lost, or did not even end then: neither success nor failure.</summary>
    Abandoned,

    MessageGone,
}

/// <param name="Outcome">How.</param>
/// <param name="Exception">Why it did not succeed.</param>
/// <param name="Returned">What the function has returned, when it has succeeded.</param>
internal readonly record struct CallResult(CallOutcome Outcome, Exception? Exception = null, object? Returned = null);

/// <summary>The user's function, as the host runs it.</summary>
/// <param name="function">Its name.</param>
/// <param name="executor">Runs it.</param>
/// <param name="running">Knows which calls run.</param>
/// <param name="tokens">Tell it to end.</param>
internal sealed class FunctionCall(string function, ITriggeredFunctionExecutor executor, RunningCalls running, CallTokens tokens)
{
    /// <summary>The delivery with which a call begins on this flow: the host asks for the call's reason before it binds anything.</summary>
    public static AsyncLocal<ImapDelivery?> Beginning { get; } = new();

    public string Function { get; } = function;

    /// <summary>Calls are told to end: none is begun any more (law 5).</summary>
    public bool IsCancelled => tokens.Cancelled.IsCancellationRequested;

    public async Task<CallResult> InvokeAsync(string mailbox, ImapDelivery delivery)
    {
        var message = delivery.Event;
        var data = new TriggeredFunctionData
        {
            TriggerValue = delivery,
            TriggerDetails = new Dictionary<string, string>
            {
                ["Account"] = message.Account,
                ["Folder"] = message.Folder,
                ["Uid"] = message.Uid.ToString(CultureInfo.InvariantCulture),
                ["Attempt"] = message.Attempt.ToString(CultureInfo.InvariantCulture),
            },
        };
        var call = running.Begin(mailbox, message.Uid);
        FunctionResult? result;
        try
        {
            // Not here, for a function may block its thread before its first await; PoolGuard sees to it that others go on.
            result = await SpareThread.RunAsync(() => ExecuteAsync(data, delivery)).WaitAsync(tokens.Abandoned);
        }
        catch (OperationCanceledException) when (tokens.Abandoned.IsCancellationRequested)
        {
            running.Abandon(call);
            return new CallResult(CallOutcome.Abandoned);
        }
        catch (Exception e)
        {
            // The executor reports failures in its result; what it throws nevertheless must not end the pump (law 11).
            result = new FunctionResult(e);
        }

        running.End(call);
        // A host that gives up a retry because of our token may answer with nothing at all.
        if (result is { Succeeded: true })
            return new CallResult(CallOutcome.Succeeded, Returned: delivery.Returned);
        if (Causes(result?.Exception).Any(cause => cause is MessageGoneException))
            return new CallResult(CallOutcome.MessageGone);
        var abandoned = tokens.Cancelled.IsCancellationRequested || Causes(result?.Exception).Any(cause => cause is WatchEndedException);
        return new CallResult(abandoned ? CallOutcome.Abandoned : CallOutcome.Failed, result?.Exception);
    }

    private Task<FunctionResult> ExecuteAsync(TriggeredFunctionData data, ImapDelivery delivery)
    {
        Beginning.Value = delivery;
        return executor.TryExecuteAsync(data, tokens.Cancelled);
    }

    private static IEnumerable<Exception> Causes(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }
}
