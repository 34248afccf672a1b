using System.Collections.ObjectModel;

namespace ImapTrigger.Worker;

/// <summary>A message has arrived: its metadata, filled from the JSON that the host sends. What is taken from the message is the sender's word.</summary>
public sealed record ImapEvent
{
    /// <summary>The user name of the account that is watched.</summary>
    public required string Account { get; init; }

    /// <summary>The folder that is watched, such as <c>INBOX</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder's UIDVALIDITY; <see cref="Uid"/> holds only together with it (RFC 9051, 2.3.1.1).</summary>
    public required uint UidValidity { get; init; }

    /// <summary>The message's UID in the folder. With <see cref="UidValidity"/> and <see cref="Folder"/> it is the key for idempotency.</summary>
    public required uint Uid { get; init; }

    /// <summary>The Message-ID header without angle brackets; null when there is none.</summary>
    public string? MessageId { get; init; }

    /// <summary>The Message-ID that this message answers, or null.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>The Message-IDs of the conversation so far (References), without angle brackets, oldest first; of more than 100 the last.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The decoded subject, at most 2,048 characters; null when there is none.</summary>
    public string? Subject { get; init; }

    /// <summary>The authors; at most 100, like all lists here.</summary>
    public IReadOnlyList<ImapAddress> From { get; init; } = [];

    /// <summary>The recipients.</summary>
    public IReadOnlyList<ImapAddress> To { get; init; } = [];

    /// <summary>The recipients of copies.</summary>
    public IReadOnlyList<ImapAddress> Cc { get; init; } = [];

    /// <summary>Where answers should go.</summary>
    public IReadOnlyList<ImapAddress> ReplyTo { get; init; } = [];

    /// <summary>The Date header; null when it is missing or unreadable.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>When the server took the message in (INTERNALDATE); null when the server does not say.</summary>
    public DateTimeOffset? InternalDate { get; init; }

    /// <summary>The whole message's size in bytes (RFC822.SIZE); null when the server does not say.</summary>
    public long? Size { get; init; }

    /// <summary>System flags as the protocol writes them, such as <c>\Seen</c>.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Keywords, such as <c>$Forwarded</c> or a user's own.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Gmail's labels (X-GM-LABELS); empty elsewhere.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The attachments' names, types and sizes.</summary>
    public IReadOnlyList<ImapAttachment> Attachments { get; init; } = [];

    /// <summary>How the message came to be: written by a person, by a program, a bounce, ...; null when its header could not be read.</summary>
    public ImapMessageKind? Kind { get; init; }

    /// <summary>The mailing list's identifier (List-Id, RFC 2919), such as <c>dev.lists.example.org</c>; null when there is none.</summary>
    public string? ListId { get; init; }

    /// <summary>What the receiving server found out about who sent it; null when it says nothing that is known to be its own word.</summary>
    public ImapAuthentication? Authentication { get; init; }

    /// <summary>
    /// The header fields chosen by the attribute's <c>Headers</c>, by the names given there: the values in the message's order, decoded and unfolded, none where
    /// the message has no such field; at most 100 of 2,048 characters. Empty when the header could not be read.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Headers { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>The same for every copy of the message on the server: EMAILID (RFC 8474) or X-GM-MSGID; null where the server has neither.</summary>
    public string? EmailId { get; init; }

    /// <summary>The conversation: THREADID (RFC 8474) or X-GM-THRID; null where the server has neither.</summary>
    public string? ThreadId { get; init; }

    /// <summary>What the app calls the mailbox (<c>Imap__tag</c>, or the tag in a set of mailboxes), such as a tenant's id; null when it has no tag. The app's word, not the sender's.</summary>
    public string? Tag { get; init; }

    /// <summary>
    /// Whether this is all that was asked of the server. False when something could not be read, so that an empty list or a null may mean "unknown";
    /// <see cref="IncompleteReason"/> says what.
    /// </summary>
    public bool Complete => IncompleteReason is null;

    /// <summary>What could not be read, in a short sentence; null when <see cref="Complete"/> is true.</summary>
    public string? IncompleteReason { get; init; }

    /// <summary>Which delivery of this message this is: 1 for the first, more after a failure or a take-over.</summary>
    public int Attempt { get; init; } = 1;
}

/// <summary>A person in a message's header (RFC 5322, 3.4). Both parts are what the sender wrote: not verified.</summary>
/// <param name="Name">The display name, or null.</param>
/// <param name="Address">The mail address; empty when the header has a name without an address.</param>
public sealed record ImapAddress(string? Name, string Address);

/// <summary>What the server says of one attachment; its content is not fetched.</summary>
/// <param name="Name">The file name, or null: the last path part only, chosen by the sender.</param>
/// <param name="ContentType">The media type; what the sender claims.</param>
/// <param name="Size">Bytes as transferred; null when the server does not say.</param>
public sealed record ImapAttachment(string? Name, string ContentType, long? Size);
