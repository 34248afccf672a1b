using Microsoft.Extensions.Configuration;

namespace SampleFunctionApp;

/// <summary>The places where a function app has its settings; the later wins.</summary>
internal static class AppSettings
{
    public static IConfigurationBuilder AddAppSettings(this IConfigurationBuilder configuration) => configuration
        .AddInMemoryCollection(HostJson())
        .AddInMemoryCollection(LocalSettings())
        .AddUserSecrets(typeof(AppSettings).Assembly, optional: true)
        .AddEnvironmentVariables();

    /// <summary>The Functions host reads host.json by itself; a WebJobs host finds the same below "AzureWebJobs".</summary>
    private static IEnumerable<KeyValuePair<string, string?>> HostJson() =>
        Read("host.json").Select(setting => KeyValuePair.Create($"AzureWebJobs:{setting.Key}", setting.Value));

    /// <summary>As Core Tools do: what stands in "Values" of local.settings.json counts like environment variables.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> LocalSettings() =>
        Read("local.settings.json")
            .Where(setting => setting.Key.StartsWith("Values:", StringComparison.Ordinal))
            .Select(setting => KeyValuePair.Create(setting.Key["Values:".Length..].Replace("__", ":", StringComparison.Ordinal), setting.Value));

    private static IEnumerable<KeyValuePair<string, string?>> Read(string file) =>
        new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddJsonFile(file, optional: true).Build().AsEnumerable().Where(setting => setting.Value is not null);
}
