using System.Reflection;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>The name under which this app keeps its state: the same on all its instances, and after every deployment.</summary>
internal sealed class StateName(IOptions<ImapIdleOptions> options, IConfiguration configuration, IEnumerable<IHostIdProvider> hostIds)
{
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (options.Value.StateName is { } chosen)
            return chosen;
        if (configuration["WEBSITE_SITE_NAME"] is { Length: > 0 } site)
            return site;
        if (configuration["CONTAINER_APP_NAME"] is { Length: > 0 } containerApp)
            return containerApp;
        // Only in a Functions host: the id of a plain WebJobs host changes with the version of the user's assembly.
        // (A host that only scales has none.)
        if (configuration["FUNCTIONS_WORKER_RUNTIME"] is { Length: > 0 } && hostIds.LastOrDefault() is { } hostId)
            return await hostId.GetHostIdAsync(cancellationToken);
        return Assembly.GetEntryAssembly()?.GetName().Name
            ?? throw new InvalidOperationException("This app has no name to keep its state under. Set host.json, extensions.imapIdle.stateName.");
    }
}
