namespace ImapTrigger.Delivery;

/// <summary>What a function wants done to messages.</summary>
/// <param name="OnSuccess">When it has succeeded and has not said anything else.</param>
/// <param name="OnPoison">When a message is put aside.</param>
internal sealed record AfterActions(AfterAction OnSuccess, AfterAction OnPoison)
{
    /// <summary>Whether the function's return value counts.</summary>
    public VerdictUse Verdicts { get; init; }

    /// <summary>Whether the mailbox must be open for writing.</summary>
    public bool Any => !OnSuccess.IsNone || !OnPoison.IsNone || Verdicts != VerdictUse.Off;

    /// <summary>The one that moves or copies messages into the given folder, under which of its names that can be told without a server; null when none does.</summary>
    public AfterAction? FirstTo(string folder) =>
        new[] { OnSuccess, OnPoison }.FirstOrDefault(action => action.HasTarget && FolderName.AreSame(action.Argument!, folder));
}
