namespace ImapTrigger.Listening;

/// <summary>The server gives the folder another UIDVALIDITY each time it is opened by EXAMINE.</summary>
internal sealed class FickleUidValidityException() : Exception("UIDVALIDITY changes with every EXAMINE.");
