using System.Globalization;

namespace ImapTrigger.Imap;

/// <summary>UIDs from one to another, both included (sequence-set, RFC 9051, 9).</summary>
/// <param name="From">The first, at least 1.</param>
/// <param name="To">The last, not below the first; the highest number there is stands for <c>*</c>.</param>
public readonly record struct UidRange(uint From, uint To)
{
    /// <summary>How many UIDs lie in it; there need not be a message for each.</summary>
    public long Count => (long)To - From + 1;

    /// <summary>All above a UID (<c>n:*</c>).</summary>
    internal static UidRange Above(uint uid) => new(uid == uint.MaxValue ? uid : uid + 1, uint.MaxValue);

    /// <summary>Whether a UID lies in it.</summary>
    /// <param name="uid">The UID.</param>
    public bool Contains(uint uid) => From <= uid && uid <= To;

    /// <summary>As the protocol writes it: <c>7</c>, <c>7:9</c>, <c>7:*</c>.</summary>
    public override string ToString() => To == uint.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"{From}:*")
        : From == To ? From.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{From}:{To}");

    /// <summary>What lies in both; they overlap.</summary>
    internal UidRange And(UidRange other) => new(Math.Max(From, other.From), Math.Min(To, other.To));

    /// <summary>One by one.</summary>
    internal IEnumerable<uint> Uids()
    {
        for (var uid = From; ; uid++)
        {
            yield return uid;
            if (uid >= To)
                yield break;
        }
    }
}
