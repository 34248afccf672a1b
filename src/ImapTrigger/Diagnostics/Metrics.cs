using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ImapTrigger.Diagnostics;

/// <summary>What can be measured from outside, by the meter <c>ImapTrigger</c>; docs/metrics.md is tested against it.</summary>
internal static class Metrics
{
    public const string MeterName = "ImapTrigger";

    public static Meter Meter { get; } = new(MeterName);

    public static Histogram<double> Duration { get; } = Meter.CreateHistogram<double>(
        "messaging.process.duration", "s", "How long a call of a function took, by function and folder; with the error's type when it failed.");

    public static Histogram<double> Lag { get; } = Meter.CreateHistogram<double>(
        "imap_trigger.delivery.lag", "s", "From a message's internal date (whole seconds, the server's clock) to its first call, by function.");

    public static Counter<long> Deliveries { get; } = Meter.CreateCounter<long>(
        "imap_trigger.deliveries", "{call}", "Calls of functions that have ended, by function and outcome.");

    public static Counter<long> Retries { get; } = Meter.CreateCounter<long>(
        "imap_trigger.retries", "{call}", "Calls with a message that had been called with before, by function.");

    public static Counter<long> Poisoned { get; } = Meter.CreateCounter<long>(
        "imap_trigger.poisoned", "{message}", "Messages that were put aside after their last attempt, by function.");

    public static Counter<long> Filtered { get; } = Meter.CreateCounter<long>(
        "imap_trigger.filtered", "{message}", "Messages that a function's filter kept from it, settled without a call, by function.");

    public static Counter<long> MissedByIdle { get; } = Meter.CreateCounter<long>(
        "imap_trigger.missed_by_idle", "{message}", "Messages found by a look that IDLE had not announced.");

    public static Counter<long> NotGiven { get; } = Meter.CreateCounter<long>(
        "imap_trigger.not_given", "{message}", "Messages that the server named and did not give at once; they are asked for again.");

    public static Counter<long> Late { get; } = Meter.CreateCounter<long>(
        "imap_trigger.late", "{message}", "Messages that turned up after higher ones had come.");

    public static Counter<long> Reconnects { get; } = Meter.CreateCounter<long>(
        "imap_trigger.reconnects", "{session}", "Sessions that failed and are replaced.");

    public static Counter<long> LoopFailures { get; } = Meter.CreateCounter<long>(
        "imap_trigger.loop_failures", "{loop}", "Loops of the trigger itself that ended unexpectedly and begin anew, by loop.");

    public static Counter<long> AbandonedCalls { get; } = Meter.CreateCounter<long>(
        "imap_trigger.abandoned_calls", "{call}", "Calls of functions that did not end when they had to, by function.");

    /// <summary>Mailboxes with a session, by mode.</summary>
    public static LiveCount Watched { get; } = new(TagNames.Mode);

    /// <summary>Partitions owned, by function.</summary>
    public static LiveCount Partitions { get; } = new(TagNames.Function);

    /// <summary>Mailboxes whose login is refused, by function.</summary>
    public static LiveCount SetAside { get; } = new(TagNames.Function);

    static Metrics()
    {
        Meter.CreateObservableUpDownCounter("imap_trigger.set_aside", SetAside.Read, "{mailbox}", "Mailboxes that are set aside, because their login is refused again and again, by function.");
        Meter.CreateObservableUpDownCounter("imap_trigger.mailboxes", Watched.Read, "{mailbox}", "Mailboxes with a session now, by mode.");
        Meter.CreateObservableUpDownCounter("imap_trigger.partitions", Partitions.Read, "{partition}", "Partitions that this instance owns now, by function.");
        Meter.CreateObservableGauge(
            "imap_trigger.unverified", () => Verification.Longest.TotalSeconds, "s", "The longest time for which a mailbox that is ours has not been looked at by UID; zero without mailboxes.");
        Meter.CreateObservableGauge(
            "imap_trigger.unowned", () => Unowned.Longest.TotalSeconds, "s", "The longest time for which a partition that this instance wants is not known to be owned by anybody.");
    }

    /// <summary>A counter that first shows itself at one hides its first event from who asks for an increase.</summary>
    public static void Announce(string function)
    {
        foreach (var counter in new[] { Retries, Poisoned, Filtered, AbandonedCalls })
            counter.Add(0, Function(function));
        foreach (var counter in new[] { MissedByIdle, NotGiven, Late, Reconnects, LoopFailures })
            counter.Add(0);
    }

    public static KeyValuePair<string, object?> Function(string name) => new(TagNames.Function, name);

    /// <summary>The function, and what the app calls the mailbox, if anything.</summary>
    public static TagList Of(string function, string? tag)
    {
        var tags = new TagList { Function(function) };
        if (tag is not null)
            tags.Add(TagNames.Mailbox, TagValues.Bounded(tag));
        return tags;
    }
}
