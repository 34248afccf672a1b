namespace ImapTrigger.Ownership;

/// <summary>
/// Shares partitions out evenly among those who want them: where somebody has two more than another who wants one of them, too, he hands it over; what one alone
/// wants, he gets. Everybody works out the same moves from what he sees, so for a moment there may be too much here or too little there; the next looks settle it.
/// Nothing is taken from anybody.
/// </summary>
internal static class FairShare
{
    /// <param name="me">Ourselves, and what we want.</param>
    /// <param name="view">What a look has shown.</param>
    /// <param name="mine">What we hold.</param>
    public static (IReadOnlyList<int> Acquire, IReadOnlyList<int> Release) Plan(Presence me, StoreView view, IReadOnlyCollection<int> mine)
    {
        var owners = view.Partitions.Where(partition => partition.Value.IsHeld).ToDictionary(partition => partition.Key, partition => partition.Value.Owner == me.Name ? null : partition.Value.Owner);
        foreach (var partition in mine)
            owners[partition] = me.Name;
        var wishes = WishesOf(me, view, owners);
        var loads = wishes.Keys.ToDictionary(name => name, name => owners.Values.Count(owner => owner == name), StringComparer.Ordinal);

        var free = wishes.Values.SelectMany(wanted => wanted.Keys).Distinct().Except(owners.Keys).Order().ToArray();
        var acquire = new List<int>();
        foreach (var partition in free)
        {
            var taker = Least(WhoWants(partition), loads);
            loads[taker]++;
            if (taker == me.Name)
                acquire.Add(partition);
        }

        var release = mine.Where(partition => !me.Wanted!.ContainsKey(partition)).ToHashSet();
        while (NextMove() is var (partition, from, to))
        {
            owners[partition] = to;
            loads[from]--;
            loads[to]++;
            if (from == me.Name && mine.Contains(partition))
                release.Add(partition);
        }

        return (acquire, [.. release.Order()]);

        // Who would have a partition whole comes before those who would have a part of it.
        IEnumerable<string> WhoWants(int partition)
        {
            var whole = view.Instances.Where(other => other.Whole.Contains(partition)).Select(other => other.Name).Where(wishes.ContainsKey).ToArray();
            return whole.Length > 0 ? whole : wishes.Where(wish => wish.Value.ContainsKey(partition)).Select(wish => wish.Key);
        }

        // Only to one who has the same mailboxes there: in other hands some would be watched by nobody.
        IEnumerable<string> WhoMayHave(int partition, string owner) => wishes
            .Where(wish => wish.Key != owner && wish.Value.TryGetValue(partition, out var digest) && wishes[owner].TryGetValue(partition, out var owners) && digest == owners).Select(wish => wish.Key);

        // The one that evens out most; the names decide between equals, so that all work out the same.
        (int Partition, string From, string To)? NextMove() => owners
            .Where(held => held.Value is { } from && loads.ContainsKey(from))
            .SelectMany(held => WhoMayHave(held.Key, held.Value!).Where(to => loads[held.Value!] - loads[to] >= 2).Select(to => (Partition: held.Key, From: held.Value!, To: to)))
            .OrderByDescending(move => loads[move.From] - loads[move.To])
            .ThenByDescending(move => move.From, StringComparer.Ordinal).ThenBy(move => move.To, StringComparer.Ordinal).ThenBy(move => move.Partition)
            .Select(move => ((int, string, string)?)move).FirstOrDefault();
    }

    /// <summary>What each wants. Of one that has not said so, we believe that it wants what we want; who is known by what he holds alone wants just that.</summary>
    private static Dictionary<string, IReadOnlyDictionary<int, int>> WishesOf(Presence me, StoreView view, Dictionary<int, string?> owners)
    {
        var wishes = new Dictionary<string, IReadOnlyDictionary<int, int>>(StringComparer.Ordinal) { [me.Name] = me.Wanted! };
        foreach (var other in view.Instances)
            wishes.TryAdd(other.Name, other.Wanted ?? me.Wanted!);
        foreach (var owner in owners.Values.OfType<string>().Distinct())
            wishes.TryAdd(owner, owners.Where(held => held.Value == owner).ToDictionary(held => held.Key, _ => 0));
        return wishes;
    }

    private static string Least(IEnumerable<string> names, Dictionary<string, int> loads) => names.OrderBy(name => loads[name]).ThenBy(name => name, StringComparer.Ordinal).First();
}
