namespace ImapTrigger.Delivery;

/// <summary>What stands for an error where the function has succeeded: its verdict puts the message aside, asks for it once too often, or is none.</summary>
internal sealed class VerdictException(string message) : Exception(message)
{
    /// <summary>There is no trace to show.</summary>
    public override string ToString() => Message;
}
