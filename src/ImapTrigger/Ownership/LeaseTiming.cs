namespace ImapTrigger.Ownership;

/// <summary>The times of a lease. The deadline lies so far before the end that one slow call to the store still fits between.</summary>
internal sealed record LeaseTiming
{
    public static LeaseTiming Default { get; } = new();

    /// <summary>How long the store grants a lease.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    /// <summary>How long an instance that makes itself known counts as there: less than a lease, so that its share is free when its leases are.</summary>
    public static readonly TimeSpan Presence = TimeSpan.FromSeconds(20);

    /// <summary>How often it is renewed, where each renewal is a request: two failures may follow one another before the deadline.</summary>
    public TimeSpan Renew { get; init; } = TimeSpan.FromSeconds(14);

    /// <summary>How soon a renewal is tried again that had no answer.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Ownership ends so long after the last acknowledged request was sent, whatever the store says later (law 4).</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often at least somebody without the lease looks whether it is free; varied, so that they do not look in step.</summary>
    public TimeSpan Acquire { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one call to the store may take.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For so long a partition may be nobody's: by then a dead owner's lease has run out, and somebody has looked.</summary>
    public TimeSpan Unowned => Duration + Acquire + TimeSpan.FromSeconds(10);

    /// <summary>How often the state of a partition is written at most; where many are written, half as often (<see cref="WriteBudget"/>).</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>No call begins while there is progress older than this that is not on record: what was called in the meantime would come twice (law 17).</summary>
    public TimeSpan Behind => Flush + TimeSpan.FromSeconds(3);
}
