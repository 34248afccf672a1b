namespace ImapTrigger.Testing.Protocol;

/// <summary>The client said something that is not IMAP: the answer is BAD.</summary>
internal sealed class BadCommandException(string message) : Exception(message);

/// <summary>What the client asks for cannot be done: the answer is NO.</summary>
internal sealed class RefusedException(string message) : Exception(message);
