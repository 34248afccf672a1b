using ImapTrigger.Listening;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>Every line that the extension logs: one table of event ids and levels. 3xx a mailbox, 4xx a delivery.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Information, "{Mailbox}: watching by {Mode}, from UID {LastUid} on.")]
    internal static partial void Watching(this ILogger logger, MailboxSource mailbox, string mode, uint lastUid);

    [LoggerMessage(301, LogLevel.Information, "{Mailbox}: watched for the first time; begins with mail that arrives after UID {LastUid}.")]
    internal static partial void FirstStart(this ILogger logger, MailboxSource mailbox, uint lastUid);

    [LoggerMessage(302, LogLevel.Warning, "{Mailbox}: the server numbered the messages anew (UIDVALIDITY {Old} -> {New}); begins after UID {LastUid}. Mail that came in between is not delivered.")]
    internal static partial void UidValidityChanged(this ILogger logger, MailboxSource mailbox, uint old, uint @new, uint lastUid);

    [LoggerMessage(303, LogLevel.Information, "{Mailbox}: {Count} messages were taken up before and not finished; they are delivered again.")]
    internal static partial void Resumed(this ILogger logger, MailboxSource mailbox, int count);

    [LoggerMessage(304, LogLevel.Information, "{Mailbox}: message {Uid} was removed before it could be delivered.")]
    internal static partial void OpenMessageGone(this ILogger logger, MailboxSource mailbox, uint uid);

    [LoggerMessage(EventId = 305, Message = "{Mailbox}: {Problem} Next attempt in {Wait}.")]
    internal static partial void SessionFailed(this ILogger logger, LogLevel level, MailboxSource mailbox, string problem, TimeSpan wait, Exception exception);

    [LoggerMessage(400, LogLevel.Debug, "{Function}: message {Uid} delivered, attempt {Attempt}.")]
    internal static partial void Delivered(this ILogger logger, string function, uint uid, int attempt);

    [LoggerMessage(401, LogLevel.Warning, "{Function}: failed on message {Uid}, attempt {Attempt}; it will be delivered again.")]
    internal static partial void DeliveryFailed(this ILogger logger, string function, uint uid, int attempt, Exception? exception);

    [LoggerMessage(402, LogLevel.Information, "{Function}: message {Uid} was removed before the function could read it.")]
    internal static partial void MessageGone(this ILogger logger, string function, uint uid);

    [LoggerMessage(403, LogLevel.Information, "{Function}: cancelled on message {Uid}; the next owner delivers it again.")]
    internal static partial void DeliveryAbandoned(this ILogger logger, string function, uint uid);
}
