using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>
/// How far a mailbox has been delivered. Up to <see cref="LastUid"/> every message is decided (settled, or confirmed gone), except those in
/// <see cref="Open"/> and <see cref="Gaps"/>; so everything up to <see cref="Floor"/> is (law 13).
/// </summary>
internal sealed record MailboxCursor
{
    // What a record does not have comes as null, whatever stands here as default.
    private readonly ImmutableSortedDictionary<uint, OpenMessage>? _open;
    private readonly ImmutableList<UidGap>? _gaps;
    private readonly RecentMessages? _recent;

    /// <summary>The UIDVALIDITY for which the UIDs below hold (RFC 9051, 2.3.1.1).</summary>
    public required uint UidValidity { get; init; }

    /// <summary>The highest UID that the server has shown; zero when the mailbox was empty. Never one that it has only promised.</summary>
    public required uint LastUid { get; init; }

    /// <summary>UIDs up to <see cref="LastUid"/> that are not settled.</summary>
    public ImmutableSortedDictionary<uint, OpenMessage> Open { get => _open ?? ImmutableSortedDictionary<uint, OpenMessage>.Empty; init => _open = value; }

    /// <summary>UIDs up to <see cref="LastUid"/> that the server has not shown, watched for a while.</summary>
    public ImmutableList<UidGap> Gaps { get => _gaps ?? []; init => _gaps = value; }

    /// <summary>These are being fetched by an owner whose predecessor died at work: should it die too, one of them may be why.</summary>
    public UidGap? Probe { get; init; }

    /// <summary>Until the cursor has passed it, what is not new is passed over.</summary>
    public Renumbering? Renumbered { get; init; }

    /// <summary>Until the cursor has passed it, only what is wanted of it is delivered. (Whoever rewinds a cursor sets it again.)</summary>
    public StartBacklog? StartBacklog { get; init; }

    /// <summary>The latest INTERNALDATE taken up; with <see cref="Recent"/> what remains to go by when UIDVALIDITY changes.</summary>
    public DateTimeOffset? LastDate { get; init; }

    /// <summary>The highest message settled.</summary>
    public MessageMark? Last { get; init; }

    /// <summary>The messages settled last.</summary>
    public RecentMessages Recent { get => _recent ?? RecentMessages.None; init => _recent = value; }

    /// <summary>Of a mailbox that has not been opened yet, since when it is wanted: what has come from then on is delivered. Null once it has been opened.</summary>
    public DateTimeOffset? WantedSince { get; init; }

    /// <summary>Since when it is in no list of who owns its partition, so that it is not kept for ever; null while it is watched.</summary>
    public DateTimeOffset? GoneSince { get; init; }

    /// <summary>A mailbox that is wanted and has not been opened yet.</summary>
    public static MailboxCursor Wanted(DateTimeOffset since) => new() { UidValidity = 0, LastUid = 0, WantedSince = since };

    [JsonIgnore]
    public uint Floor => Math.Min(Open.IsEmpty ? LastUid : Open.Keys.First() - 1, Gaps.IsEmpty ? LastUid : Gaps[0].From - 1);
}
