using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>
/// Partitions as blobs, <c>{prefix}/00.json</c> to <c>31.json</c>. Each is leased and written under its lease id, so the service itself
/// refuses whoever has lost it (law 3).
/// </summary>
internal sealed class BlobPartitionStore(BlobContainerClient container, string prefix, StorageSetting? setting = null) : IPartitionStore
{
    private const string InstancePrefix = "instance-";
    private const string OwnerKey = "owner";
    private const string OpenKey = "open";
    private const string WatchedKey = "watched";
    private const string ApartKey = "apart";
    private const string WantedKey = "wanted";
    private const string AsksKey = "asks";
    private const string WholeKey = "whole";
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<int, BlobRecord> _records = new();

    private readonly BlobPlace _place = new(container, prefix, setting);

    public string Location => _place.Location;

    public string WhereToLook => _place.WhereToLook;

    /// <summary>One listing; what lies deeper (poison, replay) is not in it. An instance is an empty blob that is written again and again.</summary>
    public Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        try
        {
            return await LookOnceAsync(instance, cancellationToken);
        }
        catch (RequestFailedException e) when (BlobAnswers.Is(e, BlobErrorCode.ContainerNotFound))
        {
            // Nobody has been here yet.
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return await LookOnceAsync(instance, cancellationToken);
        }
    }, cancellationToken);

    public Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken) =>
        BlobAnswers.OfAsync(_place, () => InstanceBlob(instance).DeleteIfExistsAsync(cancellationToken: cancellationToken), cancellationToken);

    public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var blob = BlobOf(partition);
        var lease = blob.GetBlobLeaseClient(leaseId.ToString());
        try
        {
            await lease.AcquireAsync(LeaseTiming.Duration, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            await CreateAsync(blob, cancellationToken);
            await lease.AcquireAsync(LeaseTiming.Duration, cancellationToken: cancellationToken);
        }

        var content = await blob.DownloadContentAsync(new BlobDownloadOptions { Conditions = Holding(leaseId) }, cancellationToken);
        if (PartitionJson.Read(content.Value.Content.ToMemory().Span, out var problem) is { } state)
            return new StoreAnswer<PartitionState>(StoreOutcome.Done, state, problem is null ? null : $"{blob.Name}: {problem}");
        await lease.ReleaseAsync(cancellationToken: cancellationToken);
        return new StoreAnswer<PartitionState>(StoreOutcome.Unreadable, null, $"{blob.Name}: {problem}");
    }, cancellationToken);

    public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, () =>
        BlobOf(partition).GetBlobLeaseClient(leaseId.ToString()).RenewAsync(cancellationToken: cancellationToken), cancellationToken);

    public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        // A record under another lease is an earlier owner's; what he knew of the blob does not hold any more.
        var record = _records.AddOrUpdate(partition, _ => NewRecord(), (_, known) => known.LeaseId == leaseId ? known : NewRecord());
        await record.WriteAsync(state, MetadataOf(state), cancellationToken);
        return record;

        BlobRecord NewRecord() => new(container.GetBlockBlobClient(BlobOf(partition).Name), leaseId);
    }, cancellationToken);

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, () =>
    {
        if (_records.TryGetValue(partition, out var record) && record.LeaseId == leaseId)
            _records.TryRemove(KeyValuePair.Create(partition, record));
        return BlobOf(partition).GetBlobLeaseClient(leaseId.ToString()).ReleaseAsync(cancellationToken: cancellationToken);
    }, cancellationToken);

    private static Dictionary<string, string> MetadataOf(PartitionState state) => BlobNumbers.With(
        new Dictionary<string, string> { [OwnerKey] = state.Owner ?? "", [OpenKey] = state.OpenCount.ToString(CultureInfo.InvariantCulture) },
        (ApartKey, BlobNumbers.Write(state.Apart)),
        (WatchedKey, BlobNumbers.Write(state.Watched)));

    private async Task<StoreAnswer<StoreView>> LookOnceAsync(Presence? instance, CancellationToken cancellationToken)
    {
        var partitions = new Dictionary<int, PartitionView>();
        var instances = new List<Presence>();
        long open = 0;
        if (instance is not null)
            await ShowAsync(instance, cancellationToken);
        await foreach (var page in container.GetBlobsByHierarchyAsync(BlobTraits.Metadata, delimiter: "/", prefix: $"{prefix}/", cancellationToken: cancellationToken).AsPages())
        {
            // By the service's own clock; without it nobody is taken for gone.
            var now = page.GetRawResponse().Headers.Date ?? DateTimeOffset.MinValue;
            foreach (var blob in page.Values.Where(item => item.IsBlob).Select(item => item.Blob))
            {
                var name = Path.GetFileNameWithoutExtension(blob.Name);
                if (name.StartsWith(InstancePrefix, StringComparison.Ordinal))
                {
                    if (now - blob.Properties.LastModified < LeaseTiming.Presence)
                        instances.Add(PresenceOf(name[InstancePrefix.Length..], blob.Metadata));
                    else if (now - blob.Properties.LastModified > Forgotten)
                        await container.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken);
                }
                else if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
                {
                    partitions[partition] = new PartitionView(blob.Properties.LeaseState == LeaseState.Leased, blob.Metadata.TryGetValue(OwnerKey, out var owner) ? owner : null)
                    {
                        Watched = BlobNumbers.Read(blob.Metadata, WatchedKey), Apart = BlobNumbers.Read(blob.Metadata, ApartKey) ?? [],
                    };
                    open += blob.Metadata.TryGetValue(OpenKey, out var count) && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var messages) ? messages : 0;
                }
            }
        }

        return new StoreAnswer<StoreView>(StoreOutcome.Done, new StoreView(partitions, instances, open));
    }

    private Task ShowAsync(Presence instance, CancellationToken cancellationToken) => InstanceBlob(instance.Name).UploadAsync(
        BinaryData.FromBytes(ReadOnlyMemory<byte>.Empty),
        new BlobUploadOptions
        {
            Metadata = BlobNumbers.With(
                [], (AsksKey, BlobNumbers.Write(instance.Asks)), (WholeKey, BlobNumbers.Write(instance.Whole)), (WantedKey, BlobNumbers.Write(instance.Wanted))),
        },
        cancellationToken);

    private static Presence PresenceOf(string name, IDictionary<string, string> metadata) => new(name)
    {
        Wanted = BlobNumbers.ReadPairs(metadata, WantedKey), Asks = BlobNumbers.Read(metadata, AsksKey) ?? [], Whole = BlobNumbers.Read(metadata, WholeKey) ?? [],
    };

    private BlobClient InstanceBlob(string instance) => container.GetBlobClient($"{prefix}/{InstancePrefix}{instance}.empty");

    private BlobClient BlobOf(int partition) => container.GetBlobClient(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{partition:00}.json"));

    private static BlobRequestConditions Holding(Guid leaseId) => new() { LeaseId = leaseId.ToString() };

    /// <summary>Only when it is missing: creating first would need more rights at every start, and fail loudly in the store's monitoring.</summary>
    private async Task CreateAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await CreateEmptyAsync();
        }
        catch (RequestFailedException e) when (BlobAnswers.Is(e, BlobErrorCode.ContainerNotFound))
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await CreateEmptyAsync();
        }

        async Task CreateEmptyAsync()
        {
            try
            {
                await blob.UploadAsync(
                    BinaryData.FromBytes(ReadOnlyMemory<byte>.Empty), new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412 && !BlobAnswers.Is(e, BlobErrorCode.ContainerBeingDeleted))
            {
                // Another instance was faster.
            }
        }
    }
}
