using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>
/// Unhealthy when a mailbox that is this instance's has not been looked at by UID for more than two times <see cref="ImapIdleOptions.IdleRenewal"/>:
/// no connection, a refused password, a server that hangs (of several mailboxes of a function, one whose login is refused is set aside and counts only when all are); when one of the trigger's own loops has ended and is about to begin anew; and when a partition that this
/// instance wants has been owned by nobody for more than 45 seconds. Healthy on an instance that stands by. Add it by <c>AddHealthChecks().AddCheck&lt;ImapIdleHealthCheck&gt;("imap")</c>.
/// </summary>
/// <param name="options">The settings of host.json.</param>
public sealed class ImapIdleHealthCheck(IOptions<ImapIdleOptions> options) : IHealthCheck
{
    /// <summary>Looks at nothing but this process; touches no network.</summary>
    /// <param name="context">Says how a failure counts.</param>
    /// <param name="cancellationToken">Not needed.</param>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var problems = Problems.Now.ToList();
        var longest = Verification.Longest;
        var limit = Verification.LimitOf(options.Value.IdleRenewal);
        if (longest > limit)
            problems.Add($"A mailbox has not been looked at for {longest.TotalMinutes:0} minutes (limit {limit.TotalMinutes:0}). The log says which and why: event id 312 of Host.Triggers.ImapIdle.");
        return Task.FromResult(problems.Count == 0 ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, string.Join(' ', problems)));
    }
}
