using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>Judges what a function has returned, once it has succeeded with its outputs: in the binder an error would come too late for those, and an action too early.</summary>
internal sealed class Verdicts(VerdictUse use, string function, string mailbox, ILogger logger)
{
    /// <summary>What it says of this message; null when it says nothing.</summary>
    /// <param name="returned">The value.</param>
    /// <param name="message">The message.</param>
    /// <param name="batched">Whether the function takes batches.</param>
    /// <param name="failure">Not null when the value is none, and that is a failed attempt.</param>
    public MailVerdict? Of(object? returned, ImapEvent message, bool batched, out Exception? failure)
    {
        failure = null;
        return use == VerdictUse.Off || returned is null ? null : Of(returned, [message], batched, out failure)?[0];
    }

    /// <summary>The same of each message of a batch; null when it says nothing of any.</summary>
    public MailVerdict?[]? Of(object? returned, IReadOnlyList<ImapEvent> messages, bool batched, out Exception? failure)
    {
        failure = null;
        if (use == VerdictUse.Off || returned is null)
            return null;
        if (ReturnedVerdicts.Read(returned, messages.Count, batched, out var problem) is { } verdicts)
            return verdicts;
        logger.NoVerdict(function, messages[0].Uid, mailbox, use == VerdictUse.Fail ? "the attempt has failed" : "it is ignored", problem!);
        failure = use == VerdictUse.Fail ? new VerdictException($"The function has returned what is no verdict: {problem}.") : null;
        return null;
    }
}
