using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>
/// How far a mailbox has been delivered: every message up to <see cref="LastUid"/> is settled, except those in <see cref="Open"/>.
/// </summary>
internal sealed record MailboxCursor
{
    /// <summary>The UIDVALIDITY for which the UIDs below hold (RFC 9051, 2.3.1.1).</summary>
    public required uint UidValidity { get; init; }

    /// <summary>The highest UID taken up for delivery; zero when the mailbox was empty.</summary>
    public required uint LastUid { get; init; }

    /// <summary>UIDs up to <see cref="LastUid"/> that are not settled, each with the number of attempts begun.</summary>
    public ImmutableSortedDictionary<uint, int> Open { get; init; } = ImmutableSortedDictionary<uint, int>.Empty;

    /// <summary>HIGHESTMODSEQ at the last verified look (RFC 7162); null where the server has none.</summary>
    public ulong? ModSeq { get; init; }
}
