using ImapTrigger.Diagnostics;
using ImapTrigger.Triggering;
using Microsoft.Azure.WebJobs.Description;
using Microsoft.Azure.WebJobs.Host.Config;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>Tells the host what <see cref="ImapIdleTriggerAttribute"/> means. The second name is the section of host.json.</summary>
[Extension("ImapIdle", "imapIdle")]
internal sealed class ImapIdleExtensionConfigProvider(
    ImapIdleTriggerBindingProvider bindings, IOptions<ImapIdleOptions> options, ApplicationInsightsMetrics metrics)
    : IExtensionConfigProvider
{
    public void Initialize(ExtensionConfigContext context)
    {
        // Validates host.json now, at start, and not at the first message.
        _ = options.Value;
        // Untyped on purpose: workers in other languages then get a string, the event as JSON.
        context.AddBindingRule<ImapIdleTriggerAttribute>().BindToTrigger(bindings);
        // From here, for a Functions host refuses hosted services of an extension.
        metrics.Start();
    }
}
