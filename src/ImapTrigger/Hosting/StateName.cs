using System.Reflection;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>The name under which this app keeps its state: the same on all its instances, and after every deployment.</summary>
internal sealed class StateName(IOptions<ImapIdleOptions> options, IConfiguration configuration, IEnumerable<IHostIdProvider> hostIds)
{
    private const string ChosenHostId = "AzureFunctionsWebHost:hostid";

    // What Kubernetes and .NET's images set.
    private static readonly string[] SignsOfContainer = ["KUBERNETES_SERVICE_HOST", "DOTNET_RUNNING_IN_CONTAINER"];

    /// <exception cref="InvalidOperationException">The name would be another on every instance, or there is none.</exception>
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
            return await HostIdAsync(hostId, cancellationToken);
        return Assembly.GetEntryAssembly()?.GetName().Name
            ?? throw new InvalidOperationException("This app has no name to keep its state under. Set host.json, extensions.imapIdle.stateName.");
    }

    private async Task<string> HostIdAsync(IHostIdProvider provider, CancellationToken cancellationToken)
    {
        // In Kubernetes without a site's name a Functions host has no id at all.
        var id = await provider.GetHostIdAsync(cancellationToken);
        if (string.IsNullOrEmpty(id))
            throw NoName("the Functions host has no id");
        if (string.IsNullOrEmpty(configuration[ChosenHostId]) && IsOfMachine(id) && SignOfContainer() is { } sign)
            throw NoName($"the id of the Functions host, '{id}', is made of this machine's name, and this is a container ({sign})");
        return id;
    }

    private static InvalidOperationException NoName(string reason) => new(
        $"This app has no name to keep its state under that is the same on every instance and after every replacement: {reason}. Two instances would each deliver every mail, and a "
        + "new one would know nothing of the old one's. Set host.json, extensions.imapIdle.stateName, or the app setting AzureFunctionsWebHost__hostid, to a name of your choice.");

    /// <summary>As a Functions host makes its id where it takes itself to be on a developer's machine: the machine's letters and digits, a hash of a path; 32 characters at most.</summary>
    private static bool IsOfMachine(string id)
    {
        var machine = string.Concat(Environment.MachineName.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return machine.StartsWith(id, StringComparison.Ordinal) || (id.StartsWith(machine, StringComparison.Ordinal) && id[machine.Length..] is ['-', .. var hash] && hash.All(char.IsAsciiDigit));
    }

    private string? SignOfContainer()
    {
        // Core Tools, also within a developer's container.
        if ("Development".Equals(configuration["AZURE_FUNCTIONS_ENVIRONMENT"], StringComparison.OrdinalIgnoreCase))
            return null;
        if (SignsOfContainer.FirstOrDefault(sign => configuration[sign] is { Length: > 0 } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase)) is { } set)
            return $"{set} is set";
        // Docker's and Podman's own name for a container that was given none.
        return Environment.MachineName is { Length: 12 } name && name.All(char.IsAsciiHexDigitLower) ? $"its name is {name}" : null;
    }
}
