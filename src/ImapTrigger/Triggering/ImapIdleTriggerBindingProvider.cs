using System.Reflection;
using ImapTrigger.Connections;
using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Azure.WebJobs.Host.Triggers;

namespace ImapTrigger.Triggering;

/// <summary>Parameter with the attribute -> trigger binding. Checks everything that can be checked without the network (law 9).</summary>
internal sealed class ImapIdleTriggerBindingProvider(ImapAccounts accounts, INameResolver names, ImapIdleListenerFactory listeners) : ITriggerBindingProvider
{
    public Task<ITriggerBinding?> TryCreateAsync(TriggerBindingProviderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var parameter = context.Parameter;
        if (parameter.GetCustomAttribute<ImapIdleTriggerAttribute>(inherit: false) is not { } attribute)
            return Task.FromResult<ITriggerBinding?>(null);

        var function = $"{parameter.Member.DeclaringType?.Name}.{parameter.Member.Name}";
        if (!ParameterKind.CanBind(parameter.ParameterType))
            throw new InvalidOperationException(
                $"[ImapIdleTrigger] of function '{function}': the parameter '{parameter.Name}' cannot be a {parameter.ParameterType}. {ParameterKind.Advice(parameter.ParameterType)}");

        var folder = names.ResolveWholeString(attribute.Folder);
        if (string.IsNullOrWhiteSpace(folder))
            throw new InvalidOperationException($"[ImapIdleTrigger] of function '{function}': Folder is empty. Leave it out for INBOX.");

        var sources = MailboxSource.Of(accounts.Find(names.ResolveWholeString(attribute.Connection), function), folder);
        if (sources.GroupBy(source => source.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"[ImapIdleTrigger] of function '{function}': the mailbox {twice.Key} is there twice.");
        var actions = new AfterActions(Action(nameof(attribute.OnSuccess), attribute.OnSuccess), Action(nameof(attribute.OnPoison), attribute.OnPoison));
        var stateName = attribute.StateName is { } name ? names.ResolveWholeString(name) : null;
        if (stateName is not null && string.IsNullOrWhiteSpace(stateName))
            throw new InvalidOperationException($"[ImapIdleTrigger] of function '{function}': StateName is empty. Leave it out for the function's own name.");

        var trigger = new TriggerSettings(sources, actions, stateName);
        // As the host will call it.
        listeners.Announce($"{parameter.Member.DeclaringType?.FullName}.{parameter.Member.Name}", trigger);
        return Task.FromResult<ITriggerBinding?>(new ImapIdleTriggerBinding(parameter, trigger, listeners));

        AfterAction Action(string property, string value)
        {
            if (AfterAction.Parse(names.ResolveWholeString(value), out var problem) is not { } action)
                throw new InvalidOperationException($"[ImapIdleTrigger] of function '{function}': {property}: {problem}.");
            // It would come back as a new message, for ever. (Other names for it only the server knows.)
            if (action.Kind == AfterActionKind.Move && FolderName.AreSame(action.Argument!, folder))
                throw new InvalidOperationException($"[ImapIdleTrigger] of function '{function}': {property} moves to {action.Argument}, which is the folder that is watched.");
            return action;
        }
    }
}
