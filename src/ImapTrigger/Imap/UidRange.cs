using System.Globalization;

namespace ImapTrigger.Imap;

/// <summary>UIDs from one to another, both included (sequence-set, RFC 9051, 9).</summary>
/// <param name="From">The first, at least 1.</param>
/// <param name="To">The last; the highest number there is stands for <c>*</c>.</param>
internal readonly record struct UidRange(uint From, uint To)
{
    /// <summary>All above a UID (<c>n:*</c>).</summary>
    public static UidRange Above(uint uid) => new(uid == uint.MaxValue ? uid : uid + 1, uint.MaxValue);

    public bool Contains(uint uid) => From <= uid && uid <= To;

    public override string ToString() => To == uint.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"{From}:*")
        : From == To ? From.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{From}:{To}");
}
