using System.Diagnostics;

namespace ImapTrigger.Diagnostics;

/// <summary>The activity source <c>ImapTrigger</c>: a look at a mailbox is a <c>receive</c>, a call of a function a <c>process</c>.</summary>
internal static class Tracing
{
    public const string SourceName = "ImapTrigger";
    public const string MessagingSystem = "imap";
    public const string Receive = "receive";
    public const string Process = "process";
    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A look at a mailbox for new mail.</summary>
    public static Activity? StartReceive(string server, string folder) => Start(Receive, ActivityKind.Client, folder)?.SetTag(TagNames.Server, server);

    /// <summary>A call of a function; what the function does belongs to it.</summary>
    public static Activity? StartProcess(string function, ImapEvent message)
    {
        var activity = Start(Process, ActivityKind.Consumer, message.Folder);
        if (activity?.IsAllDataRequested == true)
            activity
                .SetTag(TagNames.Function, function)
                .SetTag(TagNames.MessageId, message.MessageId)
                .SetTag(TagNames.MessageSize, message.Size)
                .SetTag(TagNames.UidValidity, (long)message.UidValidity)
                .SetTag(TagNames.Uid, (long)message.Uid)
                .SetTag(TagNames.Mailbox, message.Tag)
                .SetTag(TagNames.Attempt, message.Attempt);
        return activity;
    }

    private static Activity? Start(string operation, ActivityKind kind, string folder) => Source.StartActivity($"{operation} {folder}", kind)
        ?.SetTag(TagNames.System, MessagingSystem)
        .SetTag(TagNames.OperationType, operation)
        .SetTag(TagNames.Operation, operation)
        .SetTag(TagNames.Folder, folder);
}
