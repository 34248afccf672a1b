using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>The messages settled last, by their <see cref="MessageIdentity"/>. Immutable; its text is one line, for every write of a record carries it.</summary>
[JsonConverter(typeof(RecentMessagesConverter))]
internal sealed class RecentMessages
{
    public const int Most = 400;

    private readonly ImmutableQueue<string> _identities;

    private RecentMessages(ImmutableQueue<string> identities, int count)
    {
        _identities = identities;
        Count = count;
    }

    public static RecentMessages None { get; } = new([], 0);

    public int Count { get; }

    public static RecentMessages Of(IEnumerable<string> identities) => identities.Aggregate(None, (recent, identity) => recent.Add(identity));

    public RecentMessages Add(string identity)
    {
        var identities = _identities.Enqueue(identity);
        return Count < Most ? new RecentMessages(identities, Count + 1) : new RecentMessages(identities.Dequeue(), Count);
    }

    /// <summary>A look-up for many questions; what version 1 recorded is the hash of a Message-ID. A message without one is never known: nothing tells it from its like.</summary>
    public Func<string?, long?, DateTimeOffset?, bool> Lookup()
    {
        var known = _identities.ToHashSet(StringComparer.Ordinal);
        return (messageId, size, date) =>
            messageId is not null && (known.Contains(MessageIdentity.Of(messageId, size, date)) || known.Contains(MessageIdentity.OfMessageId(messageId)));
    }

    public override string ToString() => string.Join(' ', _identities);
}
