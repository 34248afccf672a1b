namespace ImapTrigger.Diagnostics;

/// <summary>Names of tags: those of OpenTelemetry's semantic conventions (messaging, FaaS, errors, servers), and ours where these have none.</summary>
internal static class TagNames
{
    public const string Function = "faas.name";
    public const string System = "messaging.system";
    public const string Operation = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Folder = "messaging.destination.name";
    public const string MessageId = "messaging.message.id";
    public const string MessageSize = "messaging.message.body.size";
    public const string MessageCount = "messaging.batch.message_count";
    public const string Server = "server.address";
    public const string Error = "error.type";
    public const string Uid = "imap_trigger.uid";
    public const string UidValidity = "imap_trigger.uid_validity";
    public const string Attempt = "imap_trigger.attempt";
    public const string Mailbox = "imap_trigger.tag";
    public const string Outcome = "outcome";
    public const string Mode = "mode";
    public const string Loop = "loop";
}
