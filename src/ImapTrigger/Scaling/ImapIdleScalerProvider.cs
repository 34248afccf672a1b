using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Scaling;

/// <summary>One function's scalers; they need no listener.</summary>
internal sealed class ImapIdleScalerProvider(string functionId, ScaleRule rule, IPartitionStore store, TimeProvider time) : IScaleMonitorProvider, ITargetScalerProvider
{
    private readonly Backlog _backlog = new(store, time);

    public IScaleMonitor GetMonitor() => new ImapIdleScaleMonitor(functionId, rule, _backlog, time);

    public ITargetScaler GetTargetScaler() => new ImapIdleTargetScaler(functionId, rule, _backlog);
}
