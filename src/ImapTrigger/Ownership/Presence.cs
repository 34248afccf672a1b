using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>What an instance makes known of itself to the others. Mailboxes go by the number of the partition of their own (<see cref="PartitionMap"/>).</summary>
/// <param name="Name">Its name.</param>
internal sealed record Presence(string Name)
{
    // What a record does not have comes as null, whatever stands here as default.
    private readonly ImmutableSortedSet<int>? _asks;
    private readonly ImmutableSortedSet<int>? _whole;

    /// <summary>The partitions it strives for, and of each a digest of the mailboxes that it has there; null when that is not known.</summary>
    public ImmutableSortedDictionary<int, int>? Wanted { get; init; }

    /// <summary>Mailboxes that it has, and that the owner of their partition has not: they ask for a partition of their own.</summary>
    public ImmutableSortedSet<int> Asks { get => _asks ?? []; init => _asks = value; }

    /// <summary>Partitions that it would rather have whole, for it has all the mailboxes that their owner watches there, and more.</summary>
    public ImmutableSortedSet<int> Whole { get => _whole ?? []; init => _whole = value; }
}
