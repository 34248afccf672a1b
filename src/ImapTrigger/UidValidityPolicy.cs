namespace ImapTrigger;

/// <summary>What to do when a server numbers the messages of a folder anew (RFC 9051, 2.3.1.1), so that the cursor means nothing.</summary>
public enum UidValidityPolicy
{
    /// <summary>Deliver what arrived since the last known internal date and has no Message-ID that was delivered already.</summary>
    Continue,

    /// <summary>Deliver every message of the folder.</summary>
    StartOver,

    /// <summary>Deliver only what arrives from now on.</summary>
    Skip,
}
