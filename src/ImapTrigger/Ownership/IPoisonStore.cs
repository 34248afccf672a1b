namespace ImapTrigger.Ownership;

/// <summary>
/// Where poisoned messages lie: below <c>poison/</c>, apart from the state so that one rule can give them a lifetime, a record and the raw message (.eml)
/// each. A record that somebody puts below <c>replay/</c> is delivered again. Answers are values; only cancellation is thrown.
/// </summary>
internal interface IPoisonStore
{
    /// <summary>Where the record of a message lies, without its ending, for people.</summary>
    string PathOf(PoisonRecord record);

    /// <summary>Puts a message aside.</summary>
    Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken);

    /// <summary>
    /// Takes what somebody wants delivered again of a mailbox: it is gone from <c>replay/</c> then, so that a message that ends the process
    /// does so once. What is below <c>poison/</c> stays until the replay has succeeded.
    /// </summary>
    Task<StoreAnswer<IReadOnlyList<PoisonRecord>>> TakeReplaysAsync(string mailbox, CancellationToken cancellationToken);

    /// <summary>The raw message; empty when it could not be had when it was put aside.</summary>
    Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken);

    /// <summary>A replay has succeeded: nothing of it is kept.</summary>
    Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken);
}
