namespace ImapTrigger.Ownership;

/// <summary>Calls to a store that end in time: one that takes too long counts as unreachable (law 6).</summary>
internal sealed class TimedStore(IPartitionStore store, TimeSpan limit, TimeProvider time)
{
    public string Location => store.Location;

    public async Task<StoreAnswer> CallAsync(Func<IPartitionStore, CancellationToken, Task<StoreAnswer>> call, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await call(store, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new StoreAnswer(StoreOutcome.Unreachable, NoAnswer);
        }
    }

    public async Task<StoreAnswer<T>> CallAsync<T>(Func<IPartitionStore, CancellationToken, Task<StoreAnswer<T>>> call, CancellationToken cancellationToken)
        where T : class
    {
        StoreAnswer<T> answer = default;
        var outcome = await CallAsync(
            async (inner, token) =>
            {
                answer = await call(inner, token);
                return new StoreAnswer(answer.Outcome, answer.Reason);
            },
            cancellationToken);
        return answer with { Outcome = outcome.Outcome, Reason = outcome.Reason };
    }

    private string NoAnswer => $"no answer within {limit.TotalSeconds:0} s";
}
