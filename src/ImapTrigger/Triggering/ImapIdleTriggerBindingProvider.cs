using System.Reflection;
using ImapTrigger.Connections;
using ImapTrigger.Diagnostics;
using ImapTrigger.Listening;
using Microsoft.Azure.WebJobs.Host.Triggers;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Triggering;

/// <summary>Parameter with the attribute -> trigger binding.</summary>
internal sealed class ImapIdleTriggerBindingProvider(TriggerReader reader, ImapIdleListenerFactory listeners, ILoggerFactory loggers) : ITriggerBindingProvider
{
    public Task<ITriggerBinding?> TryCreateAsync(TriggerBindingProviderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Parameter.GetCustomAttribute<ImapIdleTriggerAttribute>(inherit: false) is not { } attribute)
            return Task.FromResult<ITriggerBinding?>(null);
        try
        {
            var parameter = context.Parameter;
            var trigger = reader.Read(parameter, attribute);
            listeners.Announce(TriggerReader.IdOf(parameter), trigger);
            return Task.FromResult<ITriggerBinding?>(new ImapIdleTriggerBinding(parameter, trigger, listeners));
        }
        catch (SettingsException e)
        {
            // A Functions host goes on without the function, so nothing of ours would ever tell that nobody listens.
            loggers.CreateLogger(Log.Category).FunctionNotStarted(e.Message);
            throw;
        }
    }
}
