namespace ImapTrigger.Ownership;

/// <summary>A message that is taken up and not settled.</summary>
/// <param name="Attempts">Attempts begun.</param>
/// <param name="Date">Its INTERNALDATE, by which it is found again when the server numbers its messages anew.</param>
/// <param name="Done">The function has succeeded; only what is to be done to the message afterwards is not.</param>
internal sealed record OpenMessage(int Attempts = 0, DateTimeOffset? Date = null, bool Done = false);
