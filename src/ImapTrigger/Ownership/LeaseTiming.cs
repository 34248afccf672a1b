namespace ImapTrigger.Ownership;

/// <summary>The times of a lease. The deadline lies so far before the end that one slow call to the store still fits between.</summary>
internal sealed record LeaseTiming
{
    public static LeaseTiming Default { get; } = new();

    /// <summary>How long the store grants a lease.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    /// <summary>How often it is renewed.</summary>
    public TimeSpan Renew { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How soon a renewal is tried again that had no answer.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Ownership ends so long after the last acknowledged request was sent, whatever the store says later (law 4).</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How often somebody without the lease looks whether it is free; varied by a fifth.</summary>
    public TimeSpan Acquire { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one call to the store may take.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the state is written at most.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(1);
}
