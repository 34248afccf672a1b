namespace ImapTrigger.Delivery;

/// <summary>What a function's return value is for the trigger.</summary>
internal enum VerdictUse
{
    /// <summary>Nothing: it may be an output of the user's.</summary>
    Off,

    /// <summary>A verdict; a value that is none is a failed attempt.</summary>
    Fail,

    /// <summary>A verdict; a value that is none is told, and counts as nothing.</summary>
    Ignore,
}
