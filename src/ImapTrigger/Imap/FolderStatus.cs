namespace ImapTrigger.Imap;

/// <summary>What the server says of a folder's name (STATUS, RFC 9051, 6.3.11): what it does not say is null.</summary>
/// <param name="UidValidity">UIDVALIDITY.</param>
/// <param name="UidNext">UIDNEXT.</param>
/// <param name="Count">MESSAGES.</param>
/// <param name="MailboxId">MAILBOXID (RFC 8474).</param>
internal sealed record FolderStatus(uint? UidValidity, uint? UidNext, int? Count, string? MailboxId);
