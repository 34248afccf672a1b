using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Azure.WebJobs.Host.Listeners;
using Microsoft.Azure.WebJobs.Host.Protocols;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Listening;

/// <summary>Makes listeners from what the host gives.</summary>
internal sealed class ImapIdleListenerFactory(
    IPartitionStores stores, ListenerSettings settings, IOptions<HostOptions> host, ConnectGate gate, IDrainModeManager drain, TimeProvider time, ILoggerFactory loggers,
    ApplicationInsightsMetrics insights)
{
    /// <summary>For a host that would wait for ever, too.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromDays(1);

    /// <summary>A function has the trigger; it need not get a listener, for it may be disabled.</summary>
    /// <param name="function">Its id.</param>
    /// <param name="trigger">Its trigger.</param>
    public void Announce(string function, TriggerSettings trigger) => stores.Announce(function, trigger.StateName);

    public async Task<IListener> CreateAsync(TriggerSettings trigger, FunctionDescriptor function, ITriggeredFunctionExecutor executor, CancellationToken cancellationToken)
    {
        var stored = await stores.ForAsync(function.Id, trigger.StateName, cancellationToken);
        var state = stored with { Poison = new TimedPoisonStore(stored.Poison, time) };
        var context = new ListenerContext(settings, PatienceOf(host.Value), gate, time, new CarefulLogger(loggers.CreateLogger(Log.Category)));
        var listened = new ListenedFunction(function.LogName ?? function.ShortName, trigger, executor, state);
        var roster = new MailboxRoster(listened.Name, trigger, time, context.Logger);
        var scalers = new ImapIdleScalerProvider(function.Id, _ => Task.FromResult(RuleOf(roster.Current)), state.Partitions, time);
        return new ImapIdleListener(listened, roster, scalers, drain, context, insights);
    }

    private ScaleRule RuleOf(Roster roster) => ScaleRule.For([.. roster.Mailboxes.Values.Select(source => source.Partition)], settings.MailboxesPerInstance);

    /// <summary>A little less than the host has: a stop that uses it up to the end is an error to the host.</summary>
    private static TimeSpan PatienceOf(HostOptions host) => host.ShutdownTimeout is { Ticks: >= 0 } patience && patience < LongestStop ? patience * 0.9 : LongestStop;
}
