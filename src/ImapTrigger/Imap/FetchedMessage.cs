using ImapTrigger.Imap.Guards;
using MailKit;

namespace ImapTrigger.Imap;

internal enum HeaderTrust
{
    Believed,

    /// <summary>The header itself must be read before the message can be told of.</summary>
    InDoubt,

    /// <summary>It cannot be read: what is known of it may not be all.</summary>
    Partial,
}

/// <summary>What the server has said of one message, in one answer or in several.</summary>
internal sealed class FetchedMessage(UniqueId uid)
{
    public UniqueId Uid { get; } = uid;

    /// <summary>Its sequence number.</summary>
    public uint Number { get; private set; }

    /// <summary>As the server reads it, or as we do; null while neither is known.</summary>
    public Envelope? Envelope { get; set; }

    /// <summary>How far <see cref="Envelope"/> is what the header says.</summary>
    public HeaderTrust Header { get; set; }

    public MessageFlags? Flags { get; private set; }

    public IEnumerable<string>? Keywords { get; private set; }

    public IEnumerable<string>? Labels { get; private set; }

    public DateTimeOffset? InternalDate { get; private set; }

    public uint? Size { get; private set; }

    public BodyPart? Body { get; private set; }

    /// <summary>The fields of its header that were asked for, in its order; null while they are not known.</summary>
    public IReadOnlyList<HeaderField>? Fields { get; set; }

    public string? EmailId { get; private set; }

    public string? ThreadId { get; private set; }

    public ulong? GMailMessageId { get; private set; }

    public ulong? GMailThreadId { get; private set; }

    /// <summary>The answers by message, rising by UID. What has no UID, or one that was not asked for, is a change of flags that came in between (RFC 9051, 7.5.2).</summary>
    public static IReadOnlyList<FetchedMessage> Merge(IEnumerable<IMessageSummary> answers, Func<uint, bool> asked)
    {
        var messages = new Dictionary<uint, FetchedMessage>();
        foreach (var answer in answers.Where(answer => answer.UniqueId.IsValid && asked(answer.UniqueId.Id)))
        {
            if (!messages.TryGetValue(answer.UniqueId.Id, out var message))
                messages.Add(answer.UniqueId.Id, message = new FetchedMessage(answer.UniqueId));
            message.Add(answer);
        }

        return messages.Values.OrderBy(message => message.Uid.Id).ToArray();
    }

    /// <summary>What of these items has not come; the server's own ids are never missed.</summary>
    public MessageSummaryItems Missing(MessageSummaryItems asked) => asked
        & ((Flags is null ? MessageSummaryItems.Flags : 0)
            | (InternalDate is null ? MessageSummaryItems.InternalDate : 0)
            | (Size is null ? MessageSummaryItems.Size : 0)
            | (Envelope is null ? MessageSummaryItems.Envelope : 0)
            | (Body is null ? MessageSummaryItems.BodyStructure : 0));

    private void Add(IMessageSummary answer)
    {
        Number = (uint)answer.Index + 1;
        Envelope = answer.Envelope ?? Envelope;
        Keywords = answer.Flags is null ? Keywords : answer.Keywords;
        Flags = answer.Flags ?? Flags;
        Labels = answer.GMailLabels ?? Labels;
        // What it cannot read is the year 1 to MailKit.
        InternalDate = answer.InternalDate is { Year: > 1 } date ? date : InternalDate;
        Size = answer.Size ?? Size;
        Body = answer.Body ?? Body;
        Fields = answer.Headers is { } headers ? RawHeaders.FieldsOf(headers) : Fields;
        EmailId = answer.EmailId ?? EmailId;
        ThreadId = answer.ThreadId ?? ThreadId;
        GMailMessageId = answer.GMailMessageId ?? GMailMessageId;
        GMailThreadId = answer.GMailThreadId ?? GMailThreadId;
    }
}
