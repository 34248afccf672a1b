namespace ImapTrigger.Delivery;

/// <summary>What a function wants done to messages.</summary>
/// <param name="OnSuccess">When it has succeeded.</param>
/// <param name="OnPoison">When a message is put aside.</param>
internal sealed record AfterActions(AfterAction OnSuccess, AfterAction OnPoison)
{
    /// <summary>Whether the mailbox must be open for writing.</summary>
    public bool Any => !OnSuccess.IsNone || !OnPoison.IsNone;
}
