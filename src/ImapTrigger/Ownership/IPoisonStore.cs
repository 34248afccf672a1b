namespace ImapTrigger.Ownership;

/// <summary>
/// Where poisoned messages lie: below <c>poison/</c>, apart from the state so that one rule can give them a lifetime, a record and the raw message (.eml)
/// each. A record that somebody puts below <c>replay/</c> is delivered again. Answers are values; only cancellation is thrown.
/// </summary>
internal interface IPoisonStore
{
    /// <inheritdoc cref="IPartitionStore.WhereToLook"/>
    string WhereToLook => "";

    /// <summary>Where the record of a message lies, without its ending, for people.</summary>
    string PathOf(PoisonRecord record);

    /// <summary>Puts a message aside.</summary>
    Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken);

    /// <summary>What somebody wants delivered again, of all mailboxes: names as in <see cref="PoisonRecord.Name"/>.</summary>
    Task<StoreAnswer<IReadOnlyList<string>>> ListReplaysAsync(CancellationToken cancellationToken);

    /// <summary>Reads one of them. <see cref="StoreOutcome.Unreadable"/>, with the reason, when it is no record; <see cref="StoreOutcome.Busy"/> when it is gone.</summary>
    Task<StoreAnswer<PoisonRecord>> ReadReplayAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Takes one of them, before its call begins: it is gone from <c>replay/</c> then, so that a message that ends the process does so once. What is below
    /// <c>poison/</c> stays until the replay has succeeded. Not <see cref="StoreOutcome.Done"/> when another has taken it.
    /// </summary>
    Task<StoreAnswer> TakeReplayAsync(string name, CancellationToken cancellationToken);

    /// <summary>Puts one back that was taken, for its call was cancelled: whoever comes next takes it.</summary>
    Task<StoreAnswer> ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken);

    /// <summary>The raw message; empty when it could not be had when it was put aside.</summary>
    Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken);

    /// <summary>A replay has succeeded: nothing of it is kept.</summary>
    Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken);
}
