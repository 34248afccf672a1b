using System.Reflection;
using ImapTrigger.Listening;
using Microsoft.Azure.WebJobs.Host.Triggers;

namespace ImapTrigger.Triggering;

/// <summary>Parameter with the attribute -> trigger binding.</summary>
internal sealed class ImapIdleTriggerBindingProvider(TriggerReader reader, ImapIdleListenerFactory listeners) : ITriggerBindingProvider
{
    public Task<ITriggerBinding?> TryCreateAsync(TriggerBindingProviderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Parameter.GetCustomAttribute<ImapIdleTriggerAttribute>(inherit: false) is not { } attribute)
            return Task.FromResult<ITriggerBinding?>(null);
        var parameter = context.Parameter;
        var trigger = reader.Read(parameter, attribute);
        listeners.Announce(TriggerReader.IdOf(parameter), trigger);
        return Task.FromResult<ITriggerBinding?>(new ImapIdleTriggerBinding(parameter, trigger, listeners));
    }
}
