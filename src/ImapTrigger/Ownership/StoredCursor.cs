namespace ImapTrigger.Ownership;

/// <summary>A mailbox's cursor as it lies in the storage, whoever put it there.</summary>
/// <param name="Function">The function's part of the path (<see cref="StateKey.Segment"/>).</param>
/// <param name="Mailbox">The mailbox's key.</param>
/// <param name="Cursor">The cursor.</param>
/// <param name="IsHeld">Whether somebody holds the lease of its record.</param>
/// <param name="Written">When its record was written last.</param>
internal sealed record StoredCursor(string Function, string Mailbox, MailboxCursor Cursor, bool IsHeld, DateTimeOffset Written);
