using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>The app setting <c>AzureWebJobsStorage</c> -> the container that holds leases and cursors.</summary>
internal sealed class StateStorage(IConfiguration configuration, AzureComponentFactory components)
{
    private const string Connection = "Storage";

    public bool IsConfigured => Section() is not null;

    /// <summary>The container, without asking whether it exists.</summary>
    /// <exception cref="InvalidOperationException">The setting is missing or cannot be used.</exception>
    public BlobContainerClient Container(string containerName)
    {
        var section = Section() ?? throw new InvalidOperationException("The app setting AzureWebJobsStorage is missing.");
        try
        {
            var service = section.Value is { Length: > 0 } connectionString && !ConnectionValue.IsPath(connectionString)
                ? new BlobServiceClient(connectionString, Options())
                : new BlobServiceClient(ServiceUri(section), components.CreateTokenCredential(section), Options());
            return service.GetBlobContainerClient(containerName);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Without the cause: its message may repeat a part of the value.
            throw new InvalidOperationException($"The app setting {SettingName.Of(section)} is not a valid storage connection string.");
        }
    }

    /// <summary>A path alone below the short name, STORAGE=/srv/data, is somebody else's.</summary>
    private IConfigurationSection? Section()
    {
        var section = configuration.GetWebJobsConnectionSection(Connection);
        var isOthers = section is { Path: Connection, Value: { } value } && ConnectionValue.IsPath(value) && !section.GetChildren().Any();
        return section.Exists() && !isOthers ? section : null;
    }

    private static Uri ServiceUri(IConfigurationSection section)
    {
        if ((section["blobServiceUri"] ?? section["serviceUri"]) is { Length: > 0 } uri)
            return Uri.TryCreate(uri, UriKind.Absolute, out var service) ? service : throw new InvalidOperationException($"The app setting {SettingName.Of(section)}__blobServiceUri is not a URI.");
        if (section["accountName"] is { Length: > 0 } account)
            return new Uri($"https://{account}.blob.core.windows.net");
        throw new InvalidOperationException($"The app setting {SettingName.Of(section)} needs a connection string, or {SettingName.Of(section)}__accountName, or {SettingName.Of(section)}__blobServiceUri.");
    }

    /// <summary>Short: a call must end well before a lease does; who calls tries again.</summary>
    private static BlobClientOptions Options() => new()
    {
        Retry = { Mode = RetryMode.Fixed, MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(200), NetworkTimeout = TimeSpan.FromSeconds(5) },
    };
}
