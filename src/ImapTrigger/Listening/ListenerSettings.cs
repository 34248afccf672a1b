using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>What host.json says, as each part of a listener needs it.</summary>
internal sealed record ListenerSettings(WatchOptions Watch, DeliveryOptions Delivery, LeaseTiming Lease, int MailboxesPerInstance, TimeSpan StopGracePeriod);
