namespace ImapTrigger.Delivery;

/// <param name="MaxConcurrentCalls">Calls of the function at once.</param>
/// <param name="MaxOpen">Events taken up and not settled, at most: beyond it nothing more is fetched.</param>
internal sealed record DeliveryOptions(int MaxConcurrentCalls, int MaxOpen = 1000);
