using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>Judges what a function has returned, once it has succeeded with its outputs: in the binder an error would come too late for those, and an action too early.</summary>
internal sealed class Verdicts(VerdictUse use, string function, string mailbox, ILogger logger)
{
    /// <summary>What it says of this message; null when it says nothing.</summary>
    /// <param name="returned">The value.</param>
    /// <param name="message">The message.</param>
    /// <param name="failure">Not null when the value is none, and that is a failed attempt.</param>
    public MailVerdict? Of(object? returned, ImapEvent message, out Exception? failure)
    {
        failure = null;
        if (use == VerdictUse.Off || returned is null)
            return null;
        var verdict = ReturnedVerdict.Read(returned, out var problem);
        if (problem is null)
            return verdict;
        logger.NoVerdict(function, message.Uid, mailbox, use == VerdictUse.Fail ? "the attempt has failed" : "it is ignored", problem);
        failure = use == VerdictUse.Fail ? new VerdictException($"The function has returned what is no verdict: {problem}.") : null;
        return null;
    }
}
