using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>The app setting <c>AzureWebJobsStorage</c>, or another of its kind -> a container of it.</summary>
internal sealed class StateStorage(IConfiguration configuration, AzureComponentFactory components)
{
    private const string Connection = "Storage";

    /// <summary>Whether there is a place for leases and cursors.</summary>
    public bool IsConfigured => Section(Connection) is not null;

    /// <summary>The container, without asking whether it exists.</summary>
    /// <param name="containerName">Its name.</param>
    /// <param name="connection">The app setting that names the account, without AzureWebJobs before it.</param>
    /// <exception cref="InvalidOperationException">The setting is missing or cannot be used.</exception>
    public BlobContainerClient Container(string containerName, string connection = Connection)
    {
        var section = Section(connection) ?? throw new InvalidOperationException($"The app setting {(connection == Connection ? "AzureWebJobsStorage" : connection)} is missing.");
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

    /// <summary>A blob with settings, without asking whether it exists.</summary>
    /// <param name="connection">The app setting that names the account; null for the one that holds the state.</param>
    /// <param name="containerName">Its container.</param>
    /// <param name="blobName">Its name there.</param>
    /// <exception cref="InvalidOperationException">The setting is missing or cannot be used.</exception>
    public SettingsBlob Blob(string? connection, string containerName, string blobName) => new(Container(containerName, connection ?? Connection).GetBlobClient(blobName));

    /// <summary>A path alone below the short name, STORAGE=/srv/data, is somebody else's.</summary>
    private IConfigurationSection? Section(string connection)
    {
        var section = configuration.GetWebJobsConnectionSection(connection);
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
