namespace ImapTrigger.Ownership;

/// <summary>How a store answered.</summary>
internal enum StoreOutcome
{
    Done,

    /// <summary>Somebody else holds the lease; ask again later.</summary>
    Busy,

    /// <summary>The lease is not ours any more: the record changed hands, was broken or removed.</summary>
    Lost,

    /// <summary>No usable answer (time-out, 5xx, network); nothing is known about the lease.</summary>
    Unreachable,

    /// <summary>The store refuses us; the reason names what to grant.</summary>
    Forbidden,

    /// <summary>The record cannot be understood, so it must not be overwritten; the reason says what to do.</summary>
    Unreadable,
}

/// <param name="Outcome">How the store answered.</param>
/// <param name="Reason">For people, without secrets; null when done.</param>
internal readonly record struct StoreAnswer(StoreOutcome Outcome, string? Reason = null)
{
    public static StoreAnswer Done { get; } = new(StoreOutcome.Done);

    /// <summary>The reason, where another sentence follows.</summary>
    public string Sentence => Reason switch
    {
        null or "" => "no reason given.",
        [.., '.'] => Reason,
        _ => $"{Reason}.",
    };

    /// <summary>Of a renewal that others share: how long before this call it was asked for. To ask again soon costs nothing. Null when the call itself renewed.</summary>
    public TimeSpan? Age { get; init; }
}

/// <param name="Outcome">How the store answered.</param>
/// <param name="Value">Not null when done.</param>
/// <param name="Reason">For people, without secrets; null when done.</param>
internal readonly record struct StoreAnswer<T>(StoreOutcome Outcome, T? Value, string? Reason = null)
    where T : class
{
    /// <inheritdoc cref="StoreAnswer.Sentence"/>
    public string Sentence => new StoreAnswer(Outcome, Reason).Sentence;
}
