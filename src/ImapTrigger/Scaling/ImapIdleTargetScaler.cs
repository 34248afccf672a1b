using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Scaling;

/// <summary>Says how many instances the function needs.</summary>
internal sealed class ImapIdleTargetScaler(string functionId, ScaleRule rule, Backlog backlog) : ITargetScaler
{
    public TargetScalerDescriptor TargetScalerDescriptor { get; } = new(functionId);

    public async Task<TargetScalerResult> GetScaleResultAsync(TargetScalerContext context) => new() { TargetWorkerCount = rule.Target(await backlog.ReadAsync()) };
}
