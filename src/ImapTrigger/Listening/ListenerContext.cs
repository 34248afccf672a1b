using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>What the listeners of a host share.</summary>
/// <param name="Settings">What host.json says.</param>
/// <param name="HostPatience">How long the host waits for its services at a stop.</param>
/// <param name="Gate">Lets mailboxes connect.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where to tell.</param>
internal sealed record ListenerContext(ListenerSettings Settings, TimeSpan HostPatience, ConnectGate Gate, TimeProvider Time, ILogger Logger);
