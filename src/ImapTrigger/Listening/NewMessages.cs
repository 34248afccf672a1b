using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>Which messages are new to us when UIDs mean nothing: what arrived since the last that is known, and is none of those that were delivered.</summary>
internal sealed class NewMessages(DateTimeOffset? since, RecentMessages recent)
{
    /// <summary>A server may take in two messages in one order and show them in another.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    private readonly Func<string?, long?, DateTimeOffset?, bool> _isKnown = recent.Lookup();

    /// <summary>Whether a message that came at that time may be new.</summary>
    public bool MayContain(DateTimeOffset? date) => date is null || since is null || date >= since - Slack;

    public bool Contains(string? messageId, long? size, DateTimeOffset? date) => messageId is null
        // Nothing tells it from its like, so the date decides alone.
        ? date is null || since is null || date > since
        : MayContain(date) && !_isKnown(messageId, size, date);
}
