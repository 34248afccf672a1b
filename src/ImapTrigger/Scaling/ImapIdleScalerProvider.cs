using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Scaling;

/// <summary>One function's scalers; they need no listener.</summary>
/// <param name="functionId">The function.</param>
/// <param name="rule">How many instances its mailboxes need as they are now.</param>
/// <param name="store">Where its state lies.</param>
/// <param name="time">The clock.</param>
internal sealed class ImapIdleScalerProvider(string functionId, Func<CancellationToken, Task<ScaleRule>> rule, IPartitionStore store, TimeProvider time) : IScaleMonitorProvider, ITargetScalerProvider
{
    private readonly Backlog _backlog = new(store, time);

    public IScaleMonitor GetMonitor() => new ImapIdleScaleMonitor(functionId, rule, _backlog, time);

    public ITargetScaler GetTargetScaler() => new ImapIdleTargetScaler(functionId, rule, _backlog);
}
