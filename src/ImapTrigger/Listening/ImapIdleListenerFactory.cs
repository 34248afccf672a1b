using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Azure.WebJobs.Host.Listeners;
using Microsoft.Azure.WebJobs.Host.Protocols;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>Makes listeners from what the host gives.</summary>
internal sealed class ImapIdleListenerFactory(IPartitionStores stores, ListenerSettings settings, ConnectGate gate, IDrainModeManager drain, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>The Functions host drops what an extension logs under a category that does not begin with "Host.".</summary>
    public const string LogCategory = "Host.Triggers.ImapIdle";

    /// <summary>A function has the trigger; it need not get a listener, for it may be disabled.</summary>
    /// <param name="function">Its id.</param>
    /// <param name="trigger">Its trigger.</param>
    public void Announce(string function, TriggerSettings trigger) => stores.Announce(function, trigger.StateName);

    public async Task<IListener> CreateAsync(TriggerSettings trigger, FunctionDescriptor function, ITriggeredFunctionExecutor executor, CancellationToken cancellationToken)
    {
        var state = await stores.ForAsync(function.Id, trigger.StateName, cancellationToken);
        var rule = ScaleRule.For([.. trigger.Mailboxes.Select(source => source.Partition)], settings.MailboxesPerInstance);
        var scalers = new ImapIdleScalerProvider(function.Id, rule, state.Partitions, time);
        return new ImapIdleListener(trigger, function.LogName ?? function.ShortName, executor, state, scalers, gate, settings, drain, time, loggers.CreateLogger(LogCategory));
    }
}
