using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox to watch: one folder of one account. Its text form is safe to log.</summary>
internal sealed record MailboxSource(ImapAccount Account, string Folder)
{
    public string Key { get; } = PartitionMap.KeyOf(Account.UserName, Account.Host, Account.EffectivePort, Folder);

    public int Partition => PartitionMap.PartitionOf(Key);

    public override string ToString() => Key;
}
