namespace ImapTrigger.Ownership;

/// <summary>All that is stored of one function, and what lies beside it.</summary>
internal sealed record FunctionState(IPartitionStore Partitions, IPoisonStore Poison, LeftBehind LeftBehind);
