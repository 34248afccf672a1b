namespace ImapTrigger.Ownership;

/// <summary>All that is stored of one function.</summary>
internal sealed record FunctionState(IPartitionStore Partitions, IPoisonStore Poison);
