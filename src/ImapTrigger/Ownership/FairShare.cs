namespace ImapTrigger.Ownership;

/// <summary>
/// Shares partitions out evenly: nobody has two more than another. Everybody decides for himself on what he sees, so for a moment there may
/// be too much here or too little there; the next looks settle it. Nothing is taken from anybody: who has too much hands over.
/// </summary>
internal static class FairShare
{
    /// <param name="wanted">The partitions that have mailboxes.</param>
    /// <param name="view">What a look has shown.</param>
    /// <param name="mine">What we hold.</param>
    /// <param name="me">Our name.</param>
    public static (IReadOnlyList<int> Acquire, IReadOnlyList<int> Release) Plan(IReadOnlyCollection<int> wanted, StoreView view, IReadOnlyCollection<int> mine, string me)
    {
        var held = view.Held.Where(entry => wanted.Contains(entry.Key) && entry.Value != me && !mine.Contains(entry.Key)).ToArray();
        var others = view.Instances.Append(me).Where(name => name != me).ToHashSet(StringComparer.Ordinal);
        others.UnionWith(held.Select(entry => entry.Value).OfType<string>());
        var counts = others.ToDictionary(name => name, name => held.Count(entry => entry.Value == name), StringComparer.Ordinal);

        var (floor, extra) = Math.DivRem(wanted.Count, others.Count + 1);
        var above = counts.Values.Count(count => count > floor);
        var room = floor + (above < extra ? 1 : 0) - mine.Count;
        if (room > 0)
        {
            var free = wanted.Except(mine).Except(view.Held.Keys).ToArray();
            Random.Shared.Shuffle(free);
            return (free.Take(room).ToArray(), []);
        }

        // Handing over helps only when somebody may take it: who has too little, or may have the one more that is left over.
        var needy = counts.Values.Sum(count => Math.Max(0, floor - count)) + Math.Max(0, extra - above - 1);
        var tooMuch = mine.Count - floor - 1;
        // Of too many who have one more than the rest, the last by name gives it up.
        if (tooMuch == 0 && above + 1 > extra && counts.All(entry => entry.Value <= floor || string.CompareOrdinal(entry.Key, me) < 0))
            tooMuch = 1;
        return ([], mine.Order().Take(Math.Clamp(tooMuch, 0, needy)).ToArray());
    }
}
