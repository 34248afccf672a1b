using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>
/// What an instance wants, given what a look has shown. As a rule that is the partitions into which its mailboxes fall. Instances with different lists of
/// mailboxes may want one partition for different mailboxes: then whoever has them all should have it, and where nobody does, mailboxes get partitions of their own.
/// A list that changes while instances run changes for each at another moment: that is waited for, and asks for nothing.
/// </summary>
internal sealed class Wishes
{
    /// <summary>So long after a change of the list others may not have heard of it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>So many mailboxes are named at a time: what is made known must stay small.</summary>
    private const int MaxNamed = 300;

    private readonly string _instance;
    private readonly TimeProvider _time;
    private readonly HashSet<int> _mailboxes;
    private readonly ILookup<int, int> _byPartition;

    /// <summary>When mailboxes came into the list, or left it, while we ran.</summary>
    private readonly Dictionary<int, long> _changed;

    /// <param name="instance">Our name.</param>
    /// <param name="mailboxes">Our mailboxes; others have had time to know them.</param>
    /// <param name="time">The clock.</param>
    public Wishes(string instance, IReadOnlyCollection<int> mailboxes, TimeProvider time)
        : this(instance, mailboxes, [], time)
    {
    }

    private Wishes(string instance, IReadOnlyCollection<int> mailboxes, Dictionary<int, long> changed, TimeProvider time)
    {
        _instance = instance;
        _time = time;
        _mailboxes = [.. mailboxes];
        _byPartition = _mailboxes.ToLookup(PartitionMap.SharedOf);
        _changed = changed;
    }

    /// <summary>The same with another list, from now on.</summary>
    public Wishes With(IReadOnlyCollection<int> mailboxes)
    {
        var changed = _changed.Where(entry => IsNews(entry.Key)).ToDictionary();
        foreach (var mailbox in mailboxes.Where(mailbox => !_mailboxes.Contains(mailbox)).Concat(_mailboxes.Except(mailboxes)))
            changed[mailbox] = _time.GetTimestamp();
        return new Wishes(_instance, mailboxes, changed, _time);
    }

    /// <summary>Those of our mailboxes that are watched by who owns the given partition.</summary>
    public ImmutableSortedSet<int> MailboxesOf(int partition, ImmutableSortedSet<int> apart) =>
        PartitionMap.IsShared(partition) ? [.. _byPartition[partition].Where(mailbox => !apart.Contains(mailbox))] : [partition];

    /// <summary>What to strive for, and what to make known.</summary>
    /// <param name="view">What a look has shown.</param>
    /// <param name="mine">What we hold.</param>
    public Presence Given(StoreView view, IReadOnlyCollection<int> mine)
    {
        var asks = ImmutableSortedSet.CreateBuilder<int>();
        var whole = ImmutableSortedSet.CreateBuilder<int>();
        foreach (var partition in All(view).Except(mine))
        {
            if (view.Partitions.GetValueOrDefault(partition) is not { IsHeld: true, Watched: { } watched } held)
                continue;
            var missing = Settled(partition, held.Apart).Except(watched);
            asks.UnionWith(missing.Take(Math.Max(0, MaxNamed - asks.Count)));
            if (missing.Count > 0 && watched.All(_mailboxes.Contains))
                whole.Add(partition);
        }

        return new Presence(_instance) { Wanted = All(view).ToImmutableSortedDictionary(partition => partition, DigestOf), Asks = asks.ToImmutable(), Whole = whole.ToImmutable() };
    }

    /// <summary>Every partition that has mailboxes of ours.</summary>
    public IReadOnlyCollection<int> All(StoreView view) =>
        _mailboxes.Select(mailbox => view.ApartFrom(PartitionMap.SharedOf(mailbox)).Contains(mailbox) ? mailbox : PartitionMap.SharedOf(mailbox)).ToHashSet();

    /// <summary>Whether somebody else holds it, and watches all mailboxes there that are ours, too.</summary>
    public bool IsMet(int partition, StoreView view) => view.Partitions.GetValueOrDefault(partition) is { IsHeld: true } held
        && (held.Watched is null || Settled(partition, held.Apart).IsSubsetOf(held.Watched));

    /// <summary>What others ask of us: the mailboxes that we do not have, of a partition that we hold, and whether they would take it whole.</summary>
    public IEnumerable<int> AskedOf(int partition, StoreView view, bool whole) => view.Instances
        .Where(other => other.Name != _instance && other.Whole.Contains(partition) == whole)
        .SelectMany(other => other.Asks)
        .Where(mailbox => PartitionMap.SharedOf(mailbox) == partition && !_mailboxes.Contains(mailbox) && !IsNews(mailbox) && !view.ApartFrom(partition).Contains(mailbox))
        .Distinct();

    /// <summary>Those of which all must have heard.</summary>
    private ImmutableSortedSet<int> Settled(int partition, ImmutableSortedSet<int> apart) => [.. MailboxesOf(partition, apart).Where(mailbox => !IsNews(mailbox))];

    private bool IsNews(int mailbox) => _changed.TryGetValue(mailbox, out var at) && _time.GetElapsedTime(at) < Patience;

    /// <summary>The same for the same mailboxes. Those that are apart count, too: it must not depend on what has been seen.</summary>
    private int DigestOf(int partition) => PartitionMap.IsShared(partition) ? _byPartition[partition].Aggregate(0, (digest, mailbox) => digest ^ mailbox) : partition;
}
