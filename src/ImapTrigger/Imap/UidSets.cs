using System.Globalization;
using MailKit;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>UIDs as a server names them: in ranges, which stay ranges, for ten bytes can name four thousand million.</summary>
internal static class UidSets
{
    /// <summary>As many as a SEARCH within its bounds can spell out.</summary>
    public const int MaxNamed = 2_000_000;

    /// <summary>So many are counted one by one.</summary>
    private const int Few = 100_000;

    /// <summary>The UIDs in an answer that were asked for; rising, each once. ("n:*" always names the last message, however low its UID: RFC 9051, 6.4.8.)</summary>
    /// <exception cref="ImapProtocolException">They are more than any mailbox holds.</exception>
    public static IReadOnlyList<uint> Within(IReadOnlyList<UidRange> asked, IList<UniqueId> answer)
    {
        var named = (from range in RangesOf(answer) from wanted in asked where range.From <= wanted.To && wanted.From <= range.To select range.And(wanted)).ToArray();
        if (named.Sum(range => range.Count) > MaxNamed)
            throw new ImapProtocolException($"The server named more than {MaxNamed} messages in one answer");
        return named.SelectMany(range => range.Uids()).Distinct().Order().ToArray();
    }

    /// <summary>The first ranges, at most so many, of UIDs that can only be seen one by one.</summary>
    public static IReadOnlyList<UidRange> First(IList<UniqueId> uids, int most)
    {
        var ranges = new List<UidRange>();
        for (var at = 0; at < uids.Count && ranges.Count < most;)
        {
            var first = uids[at].Id;
            var length = uids.Count <= Few ? Follow(uids, at) : Leap(uids, at);
            ranges.Add(new UidRange(first, first + (uint)(length - 1)));
            at += length;
        }

        return ranges;
    }

    private static int Follow(IList<UniqueId> uids, int at)
    {
        var length = 1;
        while (at + length < uids.Count && uids[at + length].Id == uids[at].Id + (uint)length)
            length++;
        return length;
    }

    /// <summary>The same in steps that double, then halve: UIDs that rise have no room for others in between.</summary>
    private static int Leap(IList<UniqueId> uids, int at)
    {
        var (length, step) = (1, 1);
        for (; step > 0 && Reaches(length + step); step = step > int.MaxValue / 4 ? 0 : step * 2)
            length += step;
        for (; step > 0; step /= 2)
        {
            if (Reaches(length + step))
                length += step;
        }

        return length;

        bool Reaches(int count) => at + (long)count <= uids.Count && uids[at + count - 1].Id == uids[at].Id + (uint)(count - 1);
    }

    /// <summary>By their text, which is short: MailKit shows its ranges in no other way.</summary>
    private static IEnumerable<UidRange> RangesOf(IList<UniqueId> uids) => uids is UniqueIdSet set
        ? set.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Parse)
        : uids.Select(uid => new UidRange(uid.Id, uid.Id));

    private static UidRange Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var from = uint.Parse(colon < 0 ? text : text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture);
        var to = colon < 0 ? from : text[^1] == '*' ? uint.MaxValue : uint.Parse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return from <= to ? new UidRange(from, to) : new UidRange(to, from);
    }
}
