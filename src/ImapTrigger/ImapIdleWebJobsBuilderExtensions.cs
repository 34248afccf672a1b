using System.ComponentModel;
using ImapTrigger.Connections;
using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Hosting;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Mailboxes;
using ImapTrigger.Ownership;
using ImapTrigger.Triggering;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host.Scale;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

// Where users of WebJobs look for Add...(), as with all its extensions.
namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the IMAP trigger to a host.</summary>
public static class ImapIdleWebJobsBuilderExtensions
{
    /// <summary>
    /// Adds <see cref="ImapTrigger.ImapIdleTriggerAttribute"/> to a WebJobs host. The Functions host does this by itself.
    /// </summary>
    /// <param name="builder">The builder that <c>ConfigureWebJobs</c> gives.</param>
    /// <param name="configure">Changes the options after host.json (configuration section <c>AzureWebJobs:extensions:imapIdle</c>) has been read.</param>
    /// <returns>The same builder.</returns>
    public static IWebJobsBuilder AddImapIdle(this IWebJobsBuilder builder, Action<ImapIdleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // Before a function uses MimeKit, too.
        Charsets.Register();
        var services = builder.Services;
        builder.AddExtension<ImapIdleExtensionConfigProvider>().ConfigureOptions<ImapIdleOptions>(ImapIdleSection.Bind);
        if (configure is not null)
            services.Configure(configure);
        AddAccountsAndState(services);
        services.TryAddSingleton(provider => SettingsOf(provider.GetRequiredService<IOptions<ImapIdleOptions>>().Value));
        services.TryAddSingleton<ApplicationInsightsMetrics>();
        services.TryAddSingleton<ConnectGate>();
        services.TryAddSingleton<ImapIdleListenerFactory>();
        services.TryAddSingleton<TriggerReader>();
        services.TryAddSingleton<ImapIdleTriggerBindingProvider>();
        services.TryAddSingleton<StartCheck>();
        return builder;
    }

    /// <summary>Adds the scalers of one function to a scale host, which calls this by its name; nobody else needs it.</summary>
    /// <param name="builder">The builder that <c>ConfigureWebJobsScale</c> gives.</param>
    /// <param name="triggerMetadata">The function's trigger, as in function.json.</param>
    /// <returns>The same builder.</returns>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static IWebJobsBuilder AddImapIdleScaleForTrigger(this IWebJobsBuilder builder, TriggerMetadata triggerMetadata)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(triggerMetadata);
        var services = builder.Services;
        services.AddOptions<ImapIdleOptions>().Configure<IConfiguration>((options, configuration) =>
            ImapIdleSection.Bind(configuration.GetWebJobsExtensionConfigurationSection(ImapIdleSection.Name), options));
        AddAccountsAndState(services);
        // A scale host need not have one.
        services.TryAddSingleton<INameResolver, DefaultNameResolver>();
        // One for both roles, and one for each function.
        ScaleTrigger? scalers = null;
        services.AddSingleton<IScaleMonitorProvider>(ScalersOf);
        services.AddSingleton<ITargetScalerProvider>(ScalersOf);
        return builder;

        ScaleTrigger ScalersOf(IServiceProvider provider) => scalers ??= ActivatorUtilities.CreateInstance<ScaleTrigger>(provider, triggerMetadata);
    }

    /// <summary>What a host that runs functions and one that only scales both need.</summary>
    private static void AddAccountsAndState(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ImapIdleOptions>, ImapIdleOptionsValidation>());
        // Our own copy: what the host has of Azure.* is of other types than ours.
        services.AddAzureClientsCore();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new TokenEndpoint());
        services.TryAddSingleton<AccessTokens>();
        services.TryAddSingleton<ImapAccounts>();
        services.TryAddSingleton<MailboxSets>();
        services.TryAddSingleton<StateStorage>();
        services.TryAddSingleton<StateName>();
        services.TryAddSingleton<IPartitionStores, PartitionStores>();
    }

    internal static ListenerSettings SettingsOf(ImapIdleOptions options) => new(
        new WatchOptions(options.IdleRenewal, options.PollInterval, options.OnUidValidityChange),
        new DeliveryOptions(options.MaxConcurrentCalls, options.MaxAttempts),
        LeaseTiming.Default with { Flush = options.FlushInterval },
        options.MailboxesPerInstance,
        options.StopGracePeriod);
}
