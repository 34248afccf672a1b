using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>Who holds what, as one look at the store shows it.</summary>
/// <param name="Partitions">The partitions that there are.</param>
/// <param name="Instances">The instances that have made themselves known lately, whether they hold something or not.</param>
/// <param name="Open">Messages taken up and not settled, in all partitions, as last written.</param>
internal sealed record StoreView(IReadOnlyDictionary<int, PartitionView> Partitions, IReadOnlyCollection<Presence> Instances, long Open = 0)
{
    public static StoreView Empty { get; } = new(ImmutableDictionary<int, PartitionView>.Empty, []);

    public bool IsHeld(int partition) => Partitions.GetValueOrDefault(partition)?.IsHeld == true;

    /// <summary>The mailboxes of a partition that have one of their own instead.</summary>
    public ImmutableSortedSet<int> ApartFrom(int partition) => Partitions.GetValueOrDefault(partition)?.Apart ?? [];
}

/// <summary>A partition, as a look at the store shows it.</summary>
/// <param name="IsHeld">Whether somebody holds it now.</param>
/// <param name="Owner">Who wrote it last, where that is known.</param>
internal sealed record PartitionView(bool IsHeld, string? Owner = null)
{
    /// <summary>The mailboxes that its owner watches in it; null when that is not known.</summary>
    public ImmutableSortedSet<int>? Watched { get; init; }

    /// <summary>The mailboxes that belong here by their hash and have a partition of their own.</summary>
    public ImmutableSortedSet<int> Apart { get; init; } = [];
}
