namespace ImapTrigger.Delivery;

/// <summary>How calls are told to end.</summary>
/// <param name="Cancelled">The function's own token: it is to end soon.</param>
/// <param name="Abandoned">Nobody waits for it any more.</param>
internal readonly record struct CallTokens(CancellationToken Cancelled, CancellationToken Abandoned);
