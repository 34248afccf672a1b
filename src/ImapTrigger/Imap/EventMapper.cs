using System.Globalization;
using ImapTrigger.Imap.Guards;
using MailKit;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>MailKit's summary of a message -> our event, with every length capped (message content is hostile input).</summary>
internal static class EventMapper
{
    private const int MaxId = 998;
    private const int MaxName = 512;
    private const int MaxFileName = 255;

    private static readonly (MessageFlags Flag, string Name)[] SystemFlags =
    [
        (MessageFlags.Seen, @"\Seen"),
        (MessageFlags.Answered, @"\Answered"),
        (MessageFlags.Flagged, @"\Flagged"),
        (MessageFlags.Deleted, @"\Deleted"),
        (MessageFlags.Draft, @"\Draft"),
        (MessageFlags.Recent, @"\Recent"),
    ];

    private static readonly (MessageSummaryItems Item, string Name)[] Items =
    [
        (MessageSummaryItems.Envelope, "the header (ENVELOPE)"),
        (MessageSummaryItems.BodyStructure, "attachments (BODYSTRUCTURE)"),
        (MessageSummaryItems.InternalDate, "when it came (INTERNALDATE)"),
        (MessageSummaryItems.Size, "its size (RFC822.SIZE)"),
        (MessageSummaryItems.Flags, "its flags (FLAGS)"),
    ];

    private const MessageSummaryItems All =
        MessageSummaryItems.Envelope | MessageSummaryItems.BodyStructure | MessageSummaryItems.InternalDate | MessageSummaryItems.Size | MessageSummaryItems.Flags;

    /// <param name="message">What the server has said.</param>
    /// <param name="account">The user's name.</param>
    /// <param name="folder">Where it lies.</param>
    /// <param name="uidValidity">What its UID holds with.</param>
    /// <param name="header">Reads its header.</param>
    /// <param name="tag">What the app calls the mailbox.</param>
    public static ImapEvent Map(FetchedMessage message, string account, string folder, uint uidValidity, HeaderReading header, string? tag)
    {
        var envelope = message.Envelope;
        var from = Addresses(envelope?.From);
        var fields = message.Fields;
        return new ImapEvent
        {
            Account = account,
            Folder = folder,
            UidValidity = uidValidity,
            Uid = message.Uid.Id,
            MessageId = MessageId(envelope?.MessageId),
            InReplyTo = NullIfEmpty(UntrustedText.Clean(envelope?.InReplyTo, MaxId)),
            References = HeaderReading.ReferencesOf(fields ?? []),
            Subject = UntrustedText.Clean(envelope?.Subject, ImapEvent.MaxSubject),
            From = from,
            To = Addresses(envelope?.To),
            Cc = Addresses(envelope?.Cc),
            ReplyTo = Addresses(envelope?.ReplyTo),
            // What cannot be read is the year 1 to MimeKit.
            Date = envelope?.Date is { Year: > 1 } date ? date : null,
            InternalDate = message.InternalDate,
            Size = message.Size,
            Flags = FlagNames(message.Flags ?? MessageFlags.None),
            Keywords = Texts(message.Keywords),
            Labels = Texts(message.Labels),
            Attachments = Attachments(message.Body),
            Kind = fields is null ? null : MessageKind.Of(fields),
            ListId = MessageKind.ListIdOf(fields ?? []),
            Authentication = header.Trust.Read(fields ?? [], message.Header == HeaderTrust.Believed && from is [var author] ? author.Address : null),
            Headers = header.ChosenOf(fields),
            EmailId = UntrustedText.Clean(message.EmailId, MaxId) ?? message.GMailMessageId?.ToString(CultureInfo.InvariantCulture),
            ThreadId = UntrustedText.Clean(message.ThreadId, MaxId) ?? message.GMailThreadId?.ToString(CultureInfo.InvariantCulture),
            Tag = tag,
            IncompleteReason = IncompleteReason(message),
        };
    }

    /// <summary>Without its angle brackets; null when there is none.</summary>
    public static string? MessageId(string? header) => NullIfEmpty(UntrustedText.Clean(header, MaxId)?.Trim().TrimStart('<').TrimEnd('>'));

    public static IReadOnlyList<string> FlagNames(MessageFlags flags) =>
        flags == MessageFlags.None ? [] : SystemFlags.Where(pair => (flags & pair.Flag) != 0).Select(pair => pair.Name).ToArray();

    public static IReadOnlyList<string> Texts(IEnumerable<string>? texts) =>
        texts is null or IReadOnlyCollection<string> { Count: 0 } or ICollection<string> { Count: 0 } ? [] : texts.Select(text => UntrustedText.Clean(text, MaxName)).OfType<string>().Take(ImapEvent.MaxItems).ToArray();

    private static IReadOnlyList<ImapAddress> Addresses(InternetAddressList? list) =>
        list is null or { Count: 0 } ? []
        // Nearly all there is, and it comes with every message.
        : list is [MailboxAddress single] && !EnvelopeDoubt.IsNobody(single.Address) ? [Address(single)]
        : list.SelectMany(Flatten).Take(ImapEvent.MaxItems).ToArray();

    private static IEnumerable<ImapAddress> Flatten(InternetAddress address) => address switch
    {
        MailboxAddress mailbox when EnvelopeDoubt.IsNobody(mailbox.Address) => [],
        MailboxAddress mailbox => [Address(mailbox)],
        GroupAddress group => group.Members.OfType<MailboxAddress>().SelectMany(Flatten),
        _ => [],
    };

    private static ImapAddress Address(MailboxAddress mailbox) =>
        new(NullIfEmpty(UntrustedText.Clean(mailbox.Name, MaxName)), UntrustedText.Clean(mailbox.Address, MaxName) ?? "");

    private static IReadOnlyList<ImapAttachment> Attachments(BodyPart? body)
    {
        List<ImapAttachment>? found = null;
        // A stack, not recursion: the sender chooses how deep the parts nest.
        var pending = new Stack<BodyPart>();
        if (body is not null)
            pending.Push(body);
        while (pending.TryPop(out var part) && (found?.Count ?? 0) < ImapEvent.MaxItems)
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
                        MediaType(basic.ContentType),
                        basic.Octets));
                    break;
            }
        }

        return found ?? [];
    }

    /// <summary>Without case in the protocol; what has no kind of its own is just bytes (RFC 2045, 5.2; RFC 2046, 4.5.1).</summary>
    private static string MediaType(ContentType type)
    {
        var (media, subtype) = (type.MediaType?.Trim(), type.MediaSubtype?.Trim());
        return string.IsNullOrEmpty(media) || string.IsNullOrEmpty(subtype)
            ? "application/octet-stream"
            : UntrustedText.Clean($"{media}/{subtype}".ToLowerInvariant(), MaxFileName)!;
    }

    private static string? IncompleteReason(FetchedMessage message)
    {
        if (message.Header != HeaderTrust.Partial && message.Fields is not null && message.Missing(All) == 0)
            return null;
        var unknown = Items.Where(item => message.Missing(item.Item) != 0 || (item.Item == MessageSummaryItems.Envelope && message.Header == HeaderTrust.Partial)).Select(item => item.Name).ToArray();
        if (message.Fields is null)
            unknown = [.. unknown, "fields of the header (HEADER.FIELDS)"];
        return unknown.Length == 0 ? null : $"Could not be read from the server: {string.Join(", ", unknown)}.";
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
