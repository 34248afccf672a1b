namespace ImapTrigger.Listening;

/// <summary>What is remembered of a mailbox's server from session to session.</summary>
internal sealed class WatchMemory(TimeProvider time)
{
    public FetchCare Care { get; } = new();

    public PushTrust Push { get; } = new();

    public IdleOffer Idle { get; } = new(time);

    /// <summary>Whose Authentication-Results are believed for their position, as it was said; null when it has not been.</summary>
    public string? LearnedAuthservId { get; set; }
}
