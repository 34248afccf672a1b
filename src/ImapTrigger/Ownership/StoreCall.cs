namespace ImapTrigger.Ownership;

/// <summary>
/// One call to a store, whatever it does: it ends in time, and everything that it throws is an answer (law 6, law 16). Only our own token, cancelled, ends
/// it otherwise; an exception that comes meanwhile is that end, too.
/// </summary>
internal static class StoreCall
{
    /// <param name="call">What is asked.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="whereToLook">What to look at when it takes longer, as the end of a sentence.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">The token is cancelled.</exception>
    public static async Task<StoreAnswer> AnswerAsync(Func<CancellationToken, Task<StoreAnswer>> call, TimeSpan limit, string whereToLook, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        StoreAnswer answer;
        try
        {
            var running = call(either.Token);
            // A store that does not heed its token must not hold its caller.
            _ = running.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            answer = await running.WaitAsync(either.Token);
        }
        catch (Exception e)
        {
            answer = new StoreAnswer(StoreOutcome.Unreachable, deadline.IsCancellationRequested ? $"no answer within {new Pause(limit)}{whereToLook}" : $"{e.GetType().Name}: {e.Message}");
        }

        if (answer.Outcome != StoreOutcome.Done)
            cancellationToken.ThrowIfCancellationRequested();
        return answer;
    }

    /// <inheritdoc cref="AnswerAsync(Func{CancellationToken, Task{StoreAnswer}}, TimeSpan, string, TimeProvider, CancellationToken)"/>
    public static async Task<StoreAnswer<T>> AnswerAsync<T>(Func<CancellationToken, Task<StoreAnswer<T>>> call, TimeSpan limit, string whereToLook, TimeProvider time, CancellationToken cancellationToken)
        where T : class
    {
        T? value = null;
        var answer = await AnswerAsync(
            async token =>
            {
                var full = await call(token);
                value = full.Value;
                return new StoreAnswer(full.Outcome, full.Reason);
            },
            limit,
            whereToLook,
            time,
            cancellationToken);
        return new StoreAnswer<T>(answer.Outcome, answer.Outcome == StoreOutcome.Done ? value : null, answer.Reason);
    }
}
