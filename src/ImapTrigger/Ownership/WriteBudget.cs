namespace ImapTrigger.Ownership;

/// <summary>
/// The writes of all partitions of an instance: many of them in a second stretch the pauses between those of each, so that load does not multiply requests. Never so far that a
/// write, and one that fails before it, would not fit before calls have to wait (law 17).
/// </summary>
internal sealed class WriteBudget(LeaseTiming timing, TimeProvider time)
{
    /// <summary>So many writes in a flush interval stretch nothing.</summary>
    public const int Free = 8;

    /// <summary>A pause is at most so many flush intervals.</summary>
    private const int Most = 2;

    private readonly Queue<long> _begun = new();

    /// <summary>A write has begun.</summary>
    public void Count()
    {
        lock (_begun)
            _begun.Enqueue(time.GetTimestamp());
    }

    /// <summary>How long a partition collects changes before its next write.</summary>
    public TimeSpan Pause => timing.Flush * Math.Clamp(Load, 1, Most);

    /// <summary>How long it collects those whose writers wait: mailboxes that begin together are not written one by one.</summary>
    public TimeSpan Gather => Load > 1 ? timing.Flush / 4 : TimeSpan.Zero;

    private double Load
    {
        get
        {
            lock (_begun)
            {
                while (_begun.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > timing.Flush)
                    _begun.Dequeue();
                return _begun.Count / (double)Free;
            }
        }
    }
}
