using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>What a partition's record holds: the cursors of its mailboxes, and who wrote them (for people).</summary>
internal sealed record PartitionState
{
    /// <summary>The partitions of a function; recorded with the state, because a mailbox's partition follows from it.</summary>
    public const int Count = 32;

    /// <summary>Version 3 is lines (<see cref="RecordText"/>). Version 2 was one JSON document, version 1 had no gaps and another kind of history: they are read and carried over.</summary>
    public const int CurrentVersion = 3;

    /// <summary>So long the cursor of a mailbox is kept that has gone from every list.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    // What a record does not have comes as null, whatever stands here as default.
    private readonly ImmutableSortedSet<int>? _watched;
    private readonly ImmutableSortedSet<int>? _apart;

    public static PartitionState Empty { get; } = new();

    /// <summary>The format of this record.</summary>
    public int Version { get; init; } = CurrentVersion;

    public int Partitions { get; init; } = Count;

    /// <summary>The instance that wrote last; nothing decides on it.</summary>
    public string? Owner { get; init; }

    /// <summary>Counts the acquisitions: a higher one is the later owner.</summary>
    public long Epoch { get; init; }

    /// <summary>Whether the last owner ended properly. If not, what it was working on may have killed it.</summary>
    public bool Clean { get; init; } = true;

    /// <summary>The mailboxes that the last owner watches here, by number (<see cref="PartitionMap"/>); for those who have others.</summary>
    public ImmutableSortedSet<int> Watched { get => _watched ?? []; init => _watched = value; }

    /// <summary>The mailboxes that have a partition of their own instead, for ever: an owner that has others has set them apart.</summary>
    public ImmutableSortedSet<int> Apart { get => _apart ?? []; init => _apart = value; }

    /// <summary>Messages that are open, of all mailboxes.</summary>
    [JsonIgnore]
    public long OpenCount => Mailboxes.Values.Sum(cursor => (long)cursor.Open.Count);

    /// <summary>By mailbox key (<see cref="PartitionMap"/>).</summary>
    public ImmutableSortedDictionary<string, MailboxCursor> Mailboxes { get; init; } = ImmutableSortedDictionary.Create<string, MailboxCursor>(StringComparer.Ordinal);

    /// <summary>The same, with the moment at which mailboxes went on their cursors, and without those that went very long ago.</summary>
    public PartitionState Tidied(DateTimeOffset now)
    {
        var tidied = Mailboxes;
        foreach (var (mailbox, cursor) in Mailboxes)
        {
            var isWatched = Watched.Contains(PartitionMap.OwnPartitionOf(mailbox));
            if (isWatched && cursor.GoneSince is not null)
                tidied = tidied.SetItem(mailbox, cursor with { GoneSince = null });
            else if (!isWatched && cursor.GoneSince is null)
                tidied = tidied.SetItem(mailbox, cursor with { GoneSince = now });
            else if (!isWatched && now - cursor.GoneSince > Kept)
                tidied = tidied.Remove(mailbox);
        }

        return tidied == Mailboxes ? this : this with { Mailboxes = tidied };
    }
}
