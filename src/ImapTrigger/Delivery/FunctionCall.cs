using System.Globalization;
using Microsoft.Azure.WebJobs.Host.Executors;

namespace ImapTrigger.Delivery;

/// <summary>How a call of the function ended.</summary>
internal enum CallOutcome
{
    Succeeded,

    Failed,

    /// <summary>It was cancelled by us, because the host stops or the partition is lost: neither success nor failure.</summary>
    Abandoned,

    MessageGone,
}

internal readonly record struct CallResult(CallOutcome Outcome, Exception? Exception = null);

/// <summary>The user's function, as the host runs it.</summary>
internal sealed class FunctionCall(string function, ITriggeredFunctionExecutor executor, CancellationToken cancelled)
{
    public string Function { get; } = function;

    public async Task<CallResult> InvokeAsync(ImapEvent message, IDeliveryRecord record)
    {
        FunctionResult? result;
        try
        {
            result = await executor.TryExecuteAsync(
                new TriggeredFunctionData
                {
                    TriggerValue = new ImapDelivery(message, record),
                    TriggerDetails = new Dictionary<string, string>
                    {
                        ["Account"] = message.Account,
                        ["Folder"] = message.Folder,
                        ["Uid"] = message.Uid.ToString(CultureInfo.InvariantCulture),
                        ["Attempt"] = message.Attempt.ToString(CultureInfo.InvariantCulture),
                    },
                },
                cancelled);
        }
        catch (Exception e)
        {
            // The executor reports failures in its result; what it throws nevertheless must not end the pump (law 11).
            result = new FunctionResult(e);
        }

        // A host that gives up a retry because of our token may answer with nothing at all.
        if (result is { Succeeded: true })
            return new CallResult(CallOutcome.Succeeded);
        if (Causes(result?.Exception).Any(cause => cause is MessageGoneException))
            return new CallResult(CallOutcome.MessageGone);
        var abandoned = cancelled.IsCancellationRequested || Causes(result?.Exception).Any(cause => cause is WatchEndedException);
        return new CallResult(abandoned ? CallOutcome.Abandoned : CallOutcome.Failed, result?.Exception);
    }

    private static IEnumerable<Exception> Causes(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }
}
