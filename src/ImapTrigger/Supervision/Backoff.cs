namespace ImapTrigger.Supervision;

/// <summary>Waits that double from a first one up to a cap, each varied by a fifth so that many do not move in step (law 8).</summary>
internal sealed record Backoff(TimeSpan First, TimeSpan Cap)
{
    /// <param name="failures">How many times in a row it has failed, from 1.</param>
    public TimeSpan After(int failures)
    {
        var doublings = Math.Min(Math.Max(failures - 1, 0), 30);
        var wait = Math.Min(First.Ticks * Math.Pow(2, doublings), Cap.Ticks);
        return TimeSpan.FromTicks((long)(wait * (0.8 + (0.4 * Random.Shared.NextDouble()))));
    }
}
