namespace ImapTrigger.Imap;

/// <summary>The ladder of a message's metadata: each rung asks for less that its sender or its server can spoil.</summary>
internal enum FetchRung
{
    All,

    /// <summary>Without what only some servers have: EMAILID, THREADID, X-GM-*.</summary>
    WithoutIds,

    /// <summary>Without fields of the header, which are then fetched alone, and cut.</summary>
    WithoutFields,

    /// <summary>Neither ENVELOPE nor BODYSTRUCTURE: the header's bytes are fetched, cut, and read by us.</summary>
    RawHeader,

    /// <summary>Nor INTERNALDATE and RFC822.SIZE.</summary>
    RawHeaderOnly,

    /// <summary>UID and FLAGS alone.</summary>
    Bare,
}
