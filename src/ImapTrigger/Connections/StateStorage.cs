using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>The app setting <c>AzureWebJobsStorage</c>, or another of its kind -> a container of it.</summary>
internal sealed class StateStorage(IConfiguration configuration, AzureComponentFactory components)
{
    private const string Connection = "Storage";
    private const string AccountKey = "accountName";
    private static readonly string[] UriKeys = ["blobServiceUri", "serviceUri"];

    /// <summary>Whether there is a place for leases and cursors.</summary>
    public bool IsConfigured => Section(Connection) is not null;

    /// <summary>The setting's name, as people write it; null when it is not configured.</summary>
    public string? Name => Section(Connection) is { } section ? SettingName.Of(section) : null;

    /// <summary>The whole name of the setting that says where the account is, which has more to it where an identity is used; null when it is not configured.</summary>
    public string? NameOfPlace => Section(Connection) is not { } section ? null
        : HasConnectionString(section) ? SettingName.Of(section)
        : UriKeys.Append(AccountKey).FirstOrDefault(key => section[key] is { Length: > 0 }) is { } key ? $"{SettingName.Of(section)}__{key}" : null;

    /// <summary>The container, without asking whether it exists.</summary>
    /// <param name="containerName">Its name.</param>
    /// <param name="connection">The app setting that names the account, without AzureWebJobs before it.</param>
    /// <exception cref="InvalidOperationException">The setting is missing or cannot be used.</exception>
    public BlobContainerClient Container(string containerName, string connection = Connection)
    {
        var section = Section(connection) ?? throw new InvalidOperationException($"The app setting {(connection == Connection ? "AzureWebJobsStorage" : connection)} is missing.");
        try
        {
            var service = HasConnectionString(section)
                ? new BlobServiceClient(section.Value, Options())
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

    private static bool HasConnectionString(IConfigurationSection section) => section.Value is { Length: > 0 } value && !ConnectionValue.IsPath(value);

    private static Uri ServiceUri(IConfigurationSection section)
    {
        if (UriKeys.FirstOrDefault(key => section[key] is { Length: > 0 }) is { } key)
            return Uri.TryCreate(section[key], UriKind.Absolute, out var service) ? service : throw new InvalidOperationException($"The app setting {SettingName.Of(section)}__{key} is not a URI.");
        if (section[AccountKey] is { Length: > 0 } account)
            return new Uri($"https://{account}.blob.core.windows.net");
        throw new InvalidOperationException($"The app setting {SettingName.Of(section)} needs a connection string, or {SettingName.Of(section)}__accountName, or {SettingName.Of(section)}__blobServiceUri.");
    }

    /// <summary>Short: a call must end well before a lease does; who calls tries again.</summary>
    private static BlobClientOptions Options() => new() { Retry = { NetworkTimeout = TimeSpan.FromSeconds(5) }, RetryPolicy = new OnceAgain() };

    /// <summary>What asks for patience is not asked again at once, nor waited for: who calls is to know.</summary>
    private sealed class OnceAgain() : RetryPolicy(maxRetries: 1, DelayStrategy.CreateFixedDelayStrategy(TimeSpan.FromMilliseconds(200)))
    {
        protected override bool ShouldRetry(HttpMessage message, Exception? exception) => !AsksForPatience(message) && base.ShouldRetry(message, exception);

        protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
            AsksForPatience(message) ? ValueTask.FromResult(false) : base.ShouldRetryAsync(message, exception);

        private static bool AsksForPatience(HttpMessage message) => message is { HasResponse: true, Response.Status: 429 or 503 };
    }
}
