namespace ImapTrigger.Imap;

/// <summary>Something the server said of the selected mailbox on its own (RFC 9051, 7.4 and 7.5; RFC 2177).</summary>
public abstract record IdleUpdate
{
    private protected IdleUpdate()
    {
    }
}

/// <summary>EXISTS: the mailbox holds so many messages now. A hint to look, never proof of new mail.</summary>
/// <param name="Count">The number of messages.</param>
public sealed record ExistsUpdate(int Count) : IdleUpdate;

/// <summary>RECENT: so many messages are new to this session (IMAP4rev1 only).</summary>
/// <param name="Count">The number of messages.</param>
public sealed record RecentUpdate(int Count) : IdleUpdate;

/// <summary>EXPUNGE: the message at this position is gone, and every later position is one less from now on: apply in order.</summary>
/// <param name="SequenceNumber">The position, 1 for the first message.</param>
public sealed record ExpungeUpdate(int SequenceNumber) : IdleUpdate;

/// <summary>VANISHED (RFC 7162, 3.2.10): these messages are gone.</summary>
/// <param name="Ranges">Their UIDs, as ranges: a few bytes can name any number. Of more than 1,000 ranges the first.</param>
public sealed record VanishedUpdate(IReadOnlyList<UidRange> Ranges) : IdleUpdate;

/// <summary>FETCH with FLAGS: a message's flags are now these.</summary>
/// <param name="SequenceNumber">The message's position, 1 for the first.</param>
/// <param name="Uid">Its UID where the server gives it, else null.</param>
/// <param name="Flags">All its flags and keywords, as the protocol writes them.</param>
public sealed record FlagsUpdate(int SequenceNumber, uint? Uid, IReadOnlyList<string> Flags) : IdleUpdate;

/// <summary>A line that fits none of the others, such as <c>* OK Still here</c>.</summary>
/// <param name="Line">The line without its line end, cut at 2,000 characters; without control characters, and without the account's secrets should the server repeat them.</param>
public sealed record RawUpdate(string Line) : IdleUpdate;
