namespace ImapTrigger.Imap;

/// <summary>What was being done when it failed: the same words mean one thing to a login and another to one message.</summary>
internal enum ImapStep
{
    /// <summary>The way to the host: name, addresses, TCP.</summary>
    Reach,

    /// <summary>TLS, greeting, capabilities.</summary>
    Greet,

    LogIn,

    /// <summary>Opening a folder.</summary>
    Select,

    /// <summary>Anything that is done in a folder: what is refused then says nothing of the host.</summary>
    Command,
}
