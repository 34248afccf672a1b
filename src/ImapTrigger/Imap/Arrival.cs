namespace ImapTrigger.Imap;

/// <summary>When a message came, and what it calls itself: enough to know it again under another UID.</summary>
internal sealed record Arrival(uint Uid, DateTimeOffset? Date, long? Size, string? MessageId);
