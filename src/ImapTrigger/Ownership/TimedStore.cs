namespace ImapTrigger.Ownership;

/// <summary>The way to a partition store: each call ends in time and answers (<see cref="StoreCall"/>).</summary>
internal sealed class TimedStore(IPartitionStore store, TimeSpan limit, TimeProvider time)
{
    public string Location => store.Location;

    public Task<StoreAnswer> CallAsync(Func<IPartitionStore, CancellationToken, Task<StoreAnswer>> call, CancellationToken cancellationToken = default) =>
        StoreCall.AnswerAsync(token => call(store, token), limit, store.WhereToLook, time, cancellationToken);

    public Task<StoreAnswer<T>> CallAsync<T>(Func<IPartitionStore, CancellationToken, Task<StoreAnswer<T>>> call, CancellationToken cancellationToken)
        where T : class => StoreCall.AnswerAsync(token => call(store, token), limit, store.WhereToLook, time, cancellationToken);
}
