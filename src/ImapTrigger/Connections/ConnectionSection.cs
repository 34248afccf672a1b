using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>Finds a named connection among the app settings, in the order that Azure's own extensions use.</summary>
internal static class ConnectionSection
{
    /// <summary>Tries <c>AzureWebJobs{name}</c>, then <c>{name}</c>; each first under <c>ConnectionStrings</c>, then at the root.</summary>
    public static IConfigurationSection? Find(IConfiguration configuration, string name) =>
        new[] { $"ConnectionStrings:AzureWebJobs{name}", $"AzureWebJobs{name}", $"ConnectionStrings:{name}", name }
            .Select(configuration.GetSection)
            .FirstOrDefault(section => section.Exists());
}
