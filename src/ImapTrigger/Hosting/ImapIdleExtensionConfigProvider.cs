using ImapTrigger.Triggering;
using Microsoft.Azure.WebJobs.Description;
using Microsoft.Azure.WebJobs.Host.Config;
using Microsoft.Extensions.DependencyInjection;

namespace ImapTrigger.Hosting;

/// <summary>Tells the host what <see cref="ImapIdleTriggerAttribute"/> means. The second name is the section of host.json.</summary>
[Extension("ImapIdle", ImapIdleSection.Name)]
internal sealed class ImapIdleExtensionConfigProvider(StartCheck check, IServiceProvider services) : IExtensionConfigProvider
{
    public void Initialize(ExtensionConfigContext context)
    {
        check.Run();
        // Untyped on purpose: workers in other languages then get a string, the event as JSON. Not before the check, for it reads the options.
        context.AddBindingRule<ImapIdleTriggerAttribute>().BindToTrigger(services.GetRequiredService<ImapIdleTriggerBindingProvider>());
    }
}
