namespace ImapTrigger.Listening;

/// <summary>The server does not keep what it numbers when the folder is opened by EXAMINE.</summary>
internal sealed class FickleUidValidityException() : Exception("UIDs do not stay with EXAMINE.");
