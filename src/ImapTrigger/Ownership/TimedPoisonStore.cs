namespace ImapTrigger.Ownership;

/// <summary>The way to a poison store: each call ends in time and answers (<see cref="StoreCall"/>).</summary>
internal sealed class TimedPoisonStore(IPoisonStore store, TimeProvider time) : IPoisonStore
{
    /// <summary>A whole message has to pass within it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public string PathOf(PoisonRecord record) => store.PathOf(record);

    public Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(token => store.PutAsync(record, raw, token), Limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer<IReadOnlyList<string>>> ListReplaysAsync(CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(store.ListReplaysAsync, Limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer<PoisonRecord>> ReadReplayAsync(string name, CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(token => store.ReadReplayAsync(name, token), Limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer> TakeReplayAsync(string name, CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(token => store.TakeReplayAsync(name, token), Limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer> ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(token => store.ReturnReplayAsync(name, record, token), Limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(token => store.ReadRawAsync(record, token), Limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) =>
        StoreCall.AnswerAsync(token => store.RemoveAsync(record, token), Limit, store.WhereToLook, time, cancellationToken);
}
