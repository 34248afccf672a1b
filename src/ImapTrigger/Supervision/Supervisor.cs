using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Supervision;

/// <summary>
/// Starts the long-lived loops of one function, and says so and starts them again when they end without being told to (law 16). Only its own token
/// stops a loop: any other end, by whatever exception or by none, is an error.
/// </summary>
internal sealed class Supervisor(string function, TimeProvider time, ILogger logger)
{
    private static readonly Backoff Pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly ILogger _logger = new CarefulLogger(logger);

    /// <summary>Ends when stopping and when the loop has ended; never throws.</summary>
    /// <param name="loop">What it does, one word: renewing, watching.</param>
    /// <param name="subject">To what.</param>
    /// <param name="run">The loop; it may do its last work when the token is signalled.</param>
    /// <param name="stopping">Tells it to end.</param>
    /// <param name="lost">So does this: what it works on is not ours any more.</param>
    public async Task RunAsync(string loop, string subject, Func<CancellationToken, Task> run, CancellationToken stopping, CancellationToken lost = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost);
        var outage = new object();
        try
        {
            var failures = 0;
            for (var wait = TimeSpan.Zero; ;)
            {
                var began = time.GetTimestamp();
                Exception? end;
                // It counts as well again when it has run for as long as it had to wait.
                await using (failures == 0 ? null : time.CreateTimer(_ => Problems.End(outage), null, wait, Timeout.InfiniteTimeSpan))
                    end = await EndAsync(run, either.Token);
                // These, and not the one made of them, which follows them an instant later.
                if (stopping.IsCancellationRequested || lost.IsCancellationRequested)
                {
                    if (end is not (null or OperationCanceledException))
                        _logger.LoopFailedLast(function, loop, subject, end);
                    return;
                }

                failures = time.GetElapsedTime(began) >= Pause.Cap ? 1 : failures + 1;
                wait = Pause.After(failures);
                Problems.Begin(outage, $"{function}: {loop} {subject} ended unexpectedly.");
                Metrics.LoopFailures.Add(1, new KeyValuePair<string, object?>(TagNames.Loop, loop));
                _logger.LoopEnded(function, loop, subject, wait, end);
                await Task.Delay(wait, time, either.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                if (either.IsCancellationRequested)
                    return;
            }
        }
        finally
        {
            Problems.End(outage);
        }
    }

    /// <summary>By what it ended; null when by nothing.</summary>
    private static async Task<Exception?> EndAsync(Func<CancellationToken, Task> run, CancellationToken ending)
    {
        try
        {
            await run(ending);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
