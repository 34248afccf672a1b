using ImapTrigger.Delivery;
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

    public async Task<IListener> CreateAsync(
        IReadOnlyList<MailboxSource> sources, AfterActions actions, FunctionDescriptor function, ITriggeredFunctionExecutor executor, CancellationToken cancellationToken)
    {
        var state = await stores.ForAsync(function.Id, cancellationToken);
        var rule = ScaleRule.For([.. sources.Select(source => source.Partition)], settings.MailboxesPerInstance);
        var scalers = new ImapIdleScalerProvider(function.Id, rule, state.Partitions, time);
        return new ImapIdleListener(sources, function.LogName ?? function.ShortName, executor, actions, state, scalers, gate, settings, drain, time, loggers.CreateLogger(LogCategory));
    }
}
