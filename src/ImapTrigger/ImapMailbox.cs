namespace ImapTrigger;

/// <summary>A mailbox of a set: one folder of one account, and what the app calls it. Never prints a secret.</summary>
public sealed record ImapMailbox
{
    /// <summary>The longest <see cref="Tag"/>.</summary>
    internal const int MaxTag = 64;

    /// <summary>Where the account lives and how to log in. Two that are equal in all but <see cref="ImapAccount.AccessToken"/> are the same: the later delegate is asked at the next login.</summary>
    public required ImapAccount Account { get; init; }

    /// <summary>The folder to watch; null, the default, for the one on the attribute.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// A word of the app's own, such as a tenant's id, at most 64 characters: it travels into <see cref="ImapEvent.Tag"/>, log lines, traces and metrics.
    /// Null by default. It is no secret, and no part of what the mailbox is: its state stays when the tag changes.
    /// </summary>
    public string? Tag { get; init; }
}
