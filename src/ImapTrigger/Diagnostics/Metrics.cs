using System.Diagnostics.Metrics;

namespace ImapTrigger.Diagnostics;

/// <summary>What can be measured from outside, by the meter <c>ImapTrigger</c>.</summary>
internal static class Metrics
{
    public const string MeterName = "ImapTrigger";
    private static readonly Meter Meter = new(MeterName);

    /// <summary>Messages that a look by UID found and IDLE had not announced.</summary>
    public static Counter<long> MissedByIdle { get; } =
        Meter.CreateCounter<long>("imap_trigger.missed_by_idle", "{message}", "Messages found by a look that IDLE had not announced.");

    /// <summary>Sessions that failed and are replaced.</summary>
    public static Counter<long> Reconnects { get; } =
        Meter.CreateCounter<long>("imap_trigger.reconnects", "{session}", "Sessions that failed and are replaced.");

    /// <summary>Mailboxes watched now, by mode: idle, idle+polling, polling.</summary>
    public static UpDownCounter<long> Watched { get; } =
        Meter.CreateUpDownCounter<long>("imap_trigger.mailboxes", "{mailbox}", "Mailboxes that are watched now, by mode.");
}
