using System.Diagnostics.Metrics;

namespace ImapTrigger.Diagnostics;

/// <summary>What can be measured from outside, by the meter <c>ImapTrigger</c>; docs/metrics.md is tested against it.</summary>
internal static class Metrics
{
    public const string MeterName = "ImapTrigger";
    private static readonly Meter Meter = new(MeterName);

    public static Counter<long> Deliveries { get; } = Meter.CreateCounter<long>(
        "imap_trigger.deliveries", "{call}", "Calls of functions that have ended, by function and outcome.");

    public static Counter<long> Poisoned { get; } = Meter.CreateCounter<long>(
        "imap_trigger.poisoned", "{message}", "Messages that were put aside after their last attempt, by function.");

    public static Histogram<double> Lag { get; } = Meter.CreateHistogram<double>(
        "imap_trigger.delivery.lag", "s", "From a message's internal date (whole seconds, the server's clock) to its first call, by function.");

    public static Counter<long> MissedByIdle { get; } = Meter.CreateCounter<long>(
        "imap_trigger.missed_by_idle", "{message}", "Messages found by a look that IDLE had not announced.");

    public static Counter<long> Reconnects { get; } = Meter.CreateCounter<long>(
        "imap_trigger.reconnects", "{session}", "Sessions that failed and are replaced.");

    public static UpDownCounter<long> Watched { get; } = Meter.CreateUpDownCounter<long>(
        "imap_trigger.mailboxes", "{mailbox}", "Mailboxes with a session now, by mode.");

    public static UpDownCounter<long> Partitions { get; } = Meter.CreateUpDownCounter<long>(
        "imap_trigger.partitions", "{partition}", "Partitions that this instance owns now, by function.");

    public static ObservableGauge<double> Unverified { get; } = Meter.CreateObservableGauge(
        "imap_trigger.unverified", () => Verification.Longest.TotalSeconds, "s", "The longest time for which a mailbox that is ours has not been looked at by UID; zero without mailboxes.");
}
