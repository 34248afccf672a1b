using System.Reflection;
using ImapTrigger.Connections;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.Triggering;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>
/// Looks, before the host does anything, at all that can be wrong without asking the network: host.json or the code's options, then each function and the storage. So one
/// start tells all mistakes, and the host wraps none of them.
/// </summary>
internal sealed class StartCheck(
    IOptions<ImapIdleOptions> options, IOptions<JobHostOptions> host, IConfiguration configuration, ITypeLocator types, TriggerReader reader, IPartitionStores stores)
{
    private const BindingFlags Functions = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <exception cref="SettingsException">Something is wrong: all that is.</exception>
    public void Run()
    {
        var mistakes = MisspeltSections.Of(configuration).Concat(Options()).Select(text => new Mistake(null, text)).ToList();
        // A host that starts with what is right (a Functions host) indexes each function by itself, and disables the wrong ones.
        if (!host.Value.AllowPartialHostStartup)
            mistakes.AddRange(OfFunctions(withStorage: mistakes.Count == 0));
        if (mistakes.Count > 0)
            throw new SettingsException(mistakes);
    }

    private IEnumerable<string> Options()
    {
        try
        {
            _ = options.Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }

    private IEnumerable<Mistake> OfFunctions(bool withStorage)
    {
        var triggers = types.GetTypes().SelectMany(type => type.GetMethods(Functions)).SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.IsDefined(typeof(ImapIdleTriggerAttribute), inherit: false)).ToArray();
        Action? withState = null;
        foreach (var parameter in triggers)
        {
            TriggerSettings? trigger = null;
            foreach (var mistake in Of(() => trigger = reader.Read(parameter, parameter.GetCustomAttribute<ImapIdleTriggerAttribute>(inherit: false)!)))
                yield return mistake;
            withState ??= trigger is null ? null : () => stores.ForAsync(TriggerReader.IdOf(parameter), trigger.StateName, CancellationToken.None).GetAwaiter().GetResult();
        }

        // The container's name is an option.
        if (withStorage && withState is not null)
        {
            foreach (var mistake in Of(withState))
                yield return mistake;
        }
    }

    private static IEnumerable<Mistake> Of(Action read)
    {
        try
        {
            read();
            return [];
        }
        catch (SettingsException e)
        {
            return e.Mistakes;
        }
        catch (InvalidOperationException e)
        {
            return [new Mistake(null, e.Message)];
        }
    }
}
