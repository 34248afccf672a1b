using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Scaling;

/// <summary>Votes from samples, where target-based scaling is off: out at once, in when several samples agree.</summary>
internal sealed class ImapIdleScaleMonitor(string functionId, Func<CancellationToken, Task<ScaleRule>> ruleNow, Backlog backlog, TimeProvider time) : IScaleMonitor<ImapIdleScaleMetrics>
{
    private const int SamplesToScaleIn = 5;

    // The function's id in both: the host leaves a monitor out by it when there is a target scaler.
    public ScaleMonitorDescriptor Descriptor { get; } = new($"{functionId}-imapidletrigger".ToLowerInvariant(), functionId);

    public async Task<ImapIdleScaleMetrics> GetMetricsAsync()
    {
        var open = await backlog.ReadAsync();
        var rule = await ruleNow(CancellationToken.None);
        return new ImapIdleScaleMetrics { Mailboxes = rule.Mailboxes, Open = open, Target = rule.Target(open), Timestamp = time.GetUtcNow().UtcDateTime };
    }

    public ScaleStatus GetScaleStatus(ScaleStatusContext<ImapIdleScaleMetrics> context)
    {
        var samples = context.Metrics?.ToArray() ?? [];
        // Nothing measured yet: nobody may be there to hear mail.
        var last = samples.Length > 0 ? samples[^1].Target : 1;
        if (last > context.WorkerCount)
            return new ScaleStatus { Vote = ScaleVote.ScaleOut };
        var agree = samples.Length >= SamplesToScaleIn && samples[^SamplesToScaleIn..].All(sample => sample.Target < context.WorkerCount);
        return new ScaleStatus { Vote = agree ? ScaleVote.ScaleIn : ScaleVote.None };
    }

    async Task<ScaleMetrics> IScaleMonitor.GetMetricsAsync() => await GetMetricsAsync();

    ScaleStatus IScaleMonitor.GetScaleStatus(ScaleStatusContext context) => GetScaleStatus(new ScaleStatusContext<ImapIdleScaleMetrics>
    {
        Metrics = context.Metrics?.Cast<ImapIdleScaleMetrics>(),
        WorkerCount = context.WorkerCount,
    });
}
