using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox to watch: one folder of one account. Its text form is safe to log.</summary>
internal sealed record MailboxSource(ImapAccount Account, string Folder)
{
    /// <summary>The function that watches it, for the log; null until that is known.</summary>
    public string? Function { get; init; }

    public string Key { get; } = PartitionMap.KeyOf(Account.UserName, Account.Host, Account.EffectivePort, Folder);

    public int Partition => PartitionMap.PartitionOf(Key);

    public override string ToString() => Function is null ? Key : $"{Function}: {Key}";
}
