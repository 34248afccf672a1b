namespace ImapTrigger.Mailboxes;

/// <summary>The mailboxes of one trigger.</summary>
/// <param name="Source">Says which they are, now and later.</param>
/// <param name="Known">Those that are known at the start without asking the network.</param>
/// <param name="IsList">Whether others may come beside them; a single mailbox has none.</param>
internal sealed record MailboxSet(IImapMailboxSource Source, IReadOnlyList<ImapMailbox> Known, bool IsList);
