using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>
/// How far a mailbox has been delivered: every message up to <see cref="LastUid"/> is settled, except those in <see cref="Open"/>.
/// </summary>
internal sealed record MailboxCursor
{
    /// <summary>How many Message-IDs are remembered.</summary>
    public const int MaxRecent = 200;

    /// <summary>The UIDVALIDITY for which the UIDs below hold (RFC 9051, 2.3.1.1).</summary>
    public required uint UidValidity { get; init; }

    /// <summary>The highest UID taken up for delivery; zero when the mailbox was empty.</summary>
    public required uint LastUid { get; init; }

    /// <summary>UIDs up to <see cref="LastUid"/> that are not settled.</summary>
    public ImmutableSortedDictionary<uint, OpenMessage> Open { get; init; } = ImmutableSortedDictionary<uint, OpenMessage>.Empty;

    /// <summary>The latest INTERNALDATE taken up; with <see cref="Recent"/> what remains to go by when UIDVALIDITY changes.</summary>
    public DateTimeOffset? LastDate { get; init; }

    /// <summary>Message-IDs settled last, as hashes, oldest first.</summary>
    public ImmutableQueue<string> Recent { get; init; } = [];

    /// <summary>From when on messages may not be settled: the date of the oldest open one, or else of the last.</summary>
    [JsonIgnore]
    public DateTimeOffset? UnsettledSince => Open.Values.Select(open => open.Date).Append(LastDate).Min();
}
