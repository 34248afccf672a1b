namespace ImapTrigger.Imap;

/// <summary>What the server said when a folder was selected.</summary>
/// <param name="Name">The folder's full name.</param>
/// <param name="UidValidity">UIDs are worth something only together with this number (RFC 9051, 2.3.1.1).</param>
/// <param name="UidNext">The UID that the next message will get at least; null where the server does not say.</param>
/// <param name="Count">The number of messages.</param>
/// <param name="HighestModSeq">HIGHESTMODSEQ (RFC 7162); null where the server has none.</param>
public sealed record SelectedFolder(string Name, uint UidValidity, uint? UidNext, int Count, ulong? HighestModSeq)
{
    /// <summary>Whether nothing can be done to its messages: it was opened by EXAMINE, or the server says READ-ONLY or keeps no flags (RFC 9051, 7.1).</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>MAILBOXID, which stays when the folder is renamed (RFC 8474); null where the server has none.</summary>
    public string? MailboxId { get; init; }
}
