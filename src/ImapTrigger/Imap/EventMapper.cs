using MailKit;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>MailKit's summary of a message -> our event, with every length capped (message content is hostile input).</summary>
internal static class EventMapper
{
    private const int MaxId = 998;
    private const int MaxSubject = 2048;
    private const int MaxName = 512;
    private const int MaxFileName = 255;
    private const int MaxItems = 100;

    private static readonly (MessageFlags Flag, string Name)[] SystemFlags =
    [
        (MessageFlags.Seen, @"\Seen"),
        (MessageFlags.Answered, @"\Answered"),
        (MessageFlags.Flagged, @"\Flagged"),
        (MessageFlags.Deleted, @"\Deleted"),
        (MessageFlags.Draft, @"\Draft"),
        (MessageFlags.Recent, @"\Recent"),
    ];

    public static ImapEvent Map(IMessageSummary summary, Envelope? envelope, string account, string folder, uint uidValidity)
    {
        return new ImapEvent
        {
            Account = account,
            Folder = folder,
            UidValidity = uidValidity,
            Uid = summary.UniqueId.Id,
            MessageId = MessageId(envelope?.MessageId),
            InReplyTo = NullIfEmpty(UntrustedText.Clean(envelope?.InReplyTo, MaxId)),
            Subject = UntrustedText.Clean(envelope?.Subject, MaxSubject),
            From = Addresses(envelope?.From),
            To = Addresses(envelope?.To),
            Cc = Addresses(envelope?.Cc),
            ReplyTo = Addresses(envelope?.ReplyTo),
            // What cannot be read is the year 1 to MimeKit.
            Date = envelope?.Date is { Year: > 1 } date ? date : null,
            InternalDate = summary.InternalDate,
            Size = summary.Size,
            Flags = FlagNames(summary.Flags ?? MessageFlags.None),
            Keywords = Texts(summary.Keywords),
            Labels = Texts(summary.GMailLabels),
            Attachments = Attachments(summary.Body),
            EmailId = UntrustedText.Clean(summary.EmailId, MaxId) ?? summary.GMailMessageId?.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ThreadId = UntrustedText.Clean(summary.ThreadId, MaxId) ?? summary.GMailThreadId?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Without its angle brackets; null when there is none.</summary>
    public static string? MessageId(string? header) => NullIfEmpty(UntrustedText.Clean(header, MaxId)?.Trim().TrimStart('<').TrimEnd('>'));

    public static IReadOnlyList<string> FlagNames(MessageFlags flags) =>
        SystemFlags.Where(pair => flags.HasFlag(pair.Flag)).Select(pair => pair.Name).ToArray();

    public static IReadOnlyList<string> Texts(IEnumerable<string>? texts) =>
        texts?.Take(MaxItems).Select(text => UntrustedText.Clean(text, MaxName)!).ToArray() ?? [];

    private static IReadOnlyList<ImapAddress> Addresses(InternetAddressList? list) =>
        list is null or { Count: 0 } ? [] : list.SelectMany(Flatten).Take(MaxItems).ToArray();

    private static IEnumerable<ImapAddress> Flatten(InternetAddress address) => address switch
    {
        MailboxAddress mailbox => [new ImapAddress(NullIfEmpty(UntrustedText.Clean(mailbox.Name, MaxName)), UntrustedText.Clean(mailbox.Address, MaxName) ?? "")],
        GroupAddress group => group.Members.OfType<MailboxAddress>().SelectMany(Flatten),
        _ => [],
    };

    private static IReadOnlyList<ImapAttachment> Attachments(BodyPart? body)
    {
        List<ImapAttachment>? found = null;
        // A stack, not recursion: the sender chooses how deep the parts nest.
        var pending = new Stack<BodyPart>();
        if (body is not null)
            pending.Push(body);
        while (pending.TryPop(out var part) && (found?.Count ?? 0) < MaxItems)
        {
            switch (part)
            {
                case BodyPartMultipart multipart:
                    for (var i = multipart.BodyParts.Count - 1; i >= 0; i--)
                        pending.Push(multipart.BodyParts[i]);
                    break;
                case BodyPartBasic basic when basic.IsAttachment || (basic is not BodyPartText && !string.IsNullOrEmpty(basic.FileName)):
                    (found ??= []).Add(new ImapAttachment(
                        UntrustedText.CleanFileName(basic.FileName, MaxFileName),
                        UntrustedText.Clean(basic.ContentType.MimeType, MaxFileName)!,
                        basic.Octets));
                    break;
            }
        }

        return found ?? [];
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
