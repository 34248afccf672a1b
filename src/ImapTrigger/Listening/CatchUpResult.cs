namespace ImapTrigger.Listening;

/// <summary>How a look at the mailbox ended.</summary>
/// <param name="Found">How many messages were taken up.</param>
/// <param name="CaughtUp">False: there is more, and no room for it now.</param>
internal readonly record struct CatchUpResult(int Found, bool CaughtUp);
