using ImapTrigger.Ownership;

namespace ImapTrigger.Scaling;

/// <summary>The messages of a function that are open, as the store knows them; when it does not answer in time, as it knew them last.</summary>
internal sealed class Backlog(IPartitionStore store, TimeProvider time)
{
    /// <summary>A vote must not wait for a storage that is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TimedStore _store = new(store, Patience, time);
    private long _last;

    public async Task<long> ReadAsync()
    {
        var look = await _store.CallAsync((inner, token) => inner.LookAsync(instance: null, token), CancellationToken.None);
        if (look is { Outcome: StoreOutcome.Done, Value: { } view })
            Interlocked.Exchange(ref _last, view.Open);
        return Interlocked.Read(ref _last);
    }
}
