using System.Collections.Immutable;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>The mailboxes of a function at one moment, each once, by what it is.</summary>
internal sealed class Roster
{
    private readonly ILookup<int, MailboxSource> _byPartition;

    public Roster(IReadOnlyDictionary<string, MailboxSource> mailboxes)
    {
        Mailboxes = mailboxes;
        _byPartition = mailboxes.Values.ToLookup(source => source.Partition);
        Names = mailboxes.Values.GroupBy(source => source.Number).ToDictionary(same => same.Key, same => string.Join(", ", same.Select(source => source.Label)));
    }

    /// <summary>By key.</summary>
    public IReadOnlyDictionary<string, MailboxSource> Mailboxes { get; }

    /// <summary>By number (<see cref="PartitionMap"/>), for people.</summary>
    public IReadOnlyDictionary<int, string> Names { get; }

    /// <summary>What is watched by who owns a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="apart">Mailboxes that have a partition of their own instead.</param>
    public IReadOnlyDictionary<string, MailboxSource> In(int partition, ImmutableSortedSet<int> apart) =>
        (PartitionMap.IsShared(partition) ? _byPartition[partition].Where(source => !apart.Contains(source.Number)) : _byPartition[PartitionMap.SharedOf(partition)].Where(source => source.Number == partition))
            .ToDictionary(source => source.Key, StringComparer.Ordinal);
}
