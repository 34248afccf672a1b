using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>
/// The messages settled last, by their <see cref="MessageIdentity"/>. Immutable; knows what has been added since an earlier state of its own, for a
/// write of a record carries no more than that.
/// </summary>
[JsonConverter(typeof(RecentMessagesConverter))]
internal sealed class RecentMessages
{
    public const int Most = 400;

    private readonly ImmutableQueue<string> _identities;
    private readonly object _origin;
    private readonly long _added;

    private RecentMessages(ImmutableQueue<string> identities, int count, object origin, long added)
    {
        _identities = identities;
        _origin = origin;
        _added = added;
        Count = count;
    }

    public static RecentMessages None { get; } = new([], 0, new object(), 0);

    public int Count { get; }

    public static RecentMessages Of(IEnumerable<string> identities) => None.Add(identities);

    public RecentMessages Add(string identity)
    {
        var identities = _identities.Enqueue(identity);
        // What begins with nothing goes on from nothing else.
        var origin = Count == 0 ? new object() : _origin;
        return Count < Most ? new RecentMessages(identities, Count + 1, origin, _added + 1) : new RecentMessages(identities.Dequeue(), Count, origin, _added + 1);
    }

    public RecentMessages Add(IEnumerable<string> identities) => identities.Aggregate(this, (recent, identity) => recent.Add(identity));

    /// <summary>So many have been added to an earlier state; null when this is not what became of it, or nothing of it is left.</summary>
    public int? AddedTo(RecentMessages earlier) =>
        ReferenceEquals(this, earlier) ? 0 : ReferenceEquals(_origin, earlier._origin) && _added - earlier._added is >= 0 and < Most and var added ? (int)added : null;

    /// <summary>The last of them.</summary>
    public RecentMessages Latest(int count) => Of(_identities.Skip(Count - count));

    public IEnumerable<string> Identities => _identities;

    /// <summary>A look-up for many questions; what version 1 recorded is the hash of a Message-ID. A message without one is never known: nothing tells it from its like.</summary>
    public Func<string?, long?, DateTimeOffset?, bool> Lookup()
    {
        var known = _identities.ToHashSet(StringComparer.Ordinal);
        return (messageId, size, date) =>
            messageId is not null && (known.Contains(MessageIdentity.Of(messageId, size, date)) || known.Contains(MessageIdentity.OfMessageId(messageId)));
    }

    public override string ToString() => string.Join(' ', _identities);
}
