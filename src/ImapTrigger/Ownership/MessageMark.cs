namespace ImapTrigger.Ownership;

/// <summary>A message that was settled, to know its mailbox again by.</summary>
/// <param name="Uid">Its UID.</param>
/// <param name="Size">Its size in bytes; null when the server did not say.</param>
/// <param name="Id">Its Message-ID as a hash; null when it has none.</param>
internal sealed record MessageMark(uint Uid, long? Size, string? Id);
