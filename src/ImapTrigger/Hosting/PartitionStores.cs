using System.Collections.Concurrent;
using ImapTrigger.Connections;
using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using ImapTrigger.Ownership.Local;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImapTrigger.Hosting;

/// <summary>Blob storage where it is configured; the local disk on a developer's machine; an error in Azure, where a disk is shared by nobody.</summary>
internal sealed class PartitionStores(
    StateStorage storage, StateName appName, IOptions<ImapIdleOptions> options, IConfiguration configuration, TimeProvider time, ILoggerFactory loggers) : IPartitionStores
{
    private static readonly string[] SignsOfAzure = ["WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME", "KUBERNETES_SERVICE_HOST"];
    private const string OfFunctionsHost = "Host.Functions.";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _owners = new(StringComparer.Ordinal);
    private int _warned;

    public void Announce(string function, string? stateName) => _known[SegmentOf(function, stateName)] = true;

    public async Task<FunctionState> ForAsync(string function, string? stateName, CancellationToken cancellationToken)
    {
        Announce(function, stateName);
        var segment = SegmentOf(function, stateName);
        if (_owners.GetOrAdd(segment, NameOf(function)) is var owner && owner != NameOf(function))
            throw new InvalidOperationException(
                $"[ImapIdleTrigger] the functions '{owner}' and '{NameOf(function)}' keep their state under one name, '{stateName ?? NameOf(function)}': they would share the "
                + "work, and only one of them would get each message. Give each a StateName of its own.");

        var app = StateKey.Segment(await appName.GetAsync(cancellationToken));
        var key = $"{app}/{segment}";
        if (storage.IsConfigured)
        {
            var container = storage.Container(options.Value.Container);
            return BlobState.In(container, new StorageSetting(storage.Name!) { Name = storage.NameOfPlace! }, app, segment, time, LeftBehind);
        }

        if (SignsOfAzure.FirstOrDefault(sign => !string.IsNullOrEmpty(configuration[sign])) is { } sign)
            throw new InvalidOperationException(
                $"The app setting AzureWebJobsStorage is missing, and this is not a developer's machine ({sign} is set): instances could not agree who "
                + "watches a mailbox, and a restart would forget what was delivered. Set AzureWebJobsStorage to a storage account.");
        var folder = options.Value.LocalStatePath
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "ImapTrigger");
        if (Interlocked.Exchange(ref _warned, 1) == 0)
            new CarefulLogger(loggers.CreateLogger(Log.Category)).LocalState(folder);
        return new FunctionState(
            new LocalPartitionStore(Path.Combine(folder, key)), new LocalPoisonStore(folder, key), LeftBehind(new LocalAppRecords(Path.Combine(folder, app))));

        LeftBehind LeftBehind(IAppRecords records) => new(records, segment, () => _known.Keys.ToArray(), time);
    }

    private static string SegmentOf(string function, string? stateName) => stateName is null ? StateKey.Segment(NameOf(function)) : StateKey.Chosen(stateName);

    /// <summary>A Functions host puts something before the name that people know; a scale host does not.</summary>
    private static string NameOf(string function) => function.StartsWith(OfFunctionsHost, StringComparison.Ordinal) ? function[OfFunctionsHost.Length..] : function;
}
