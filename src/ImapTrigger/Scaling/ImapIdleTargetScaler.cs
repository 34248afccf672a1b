using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Scaling;

/// <summary>Says how many instances the function needs.</summary>
internal sealed class ImapIdleTargetScaler(string functionId, Func<CancellationToken, Task<ScaleRule>> ruleNow, Backlog backlog) : ITargetScaler
{
    public TargetScalerDescriptor TargetScalerDescriptor { get; } = new(functionId);

    public async Task<TargetScalerResult> GetScaleResultAsync(TargetScalerContext context) => new()
    {
        TargetWorkerCount = (await ruleNow(CancellationToken.None)).Target(await backlog.ReadAsync()),
    };
}
