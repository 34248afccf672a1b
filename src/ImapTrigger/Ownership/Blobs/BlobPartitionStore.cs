using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>
/// Partitions as blobs, <c>{prefix}/00.json</c> to <c>31.json</c>. Each is leased and written under its lease id, so the service itself
/// refuses whoever has lost it (law 3). An instance that has several renews one lease for all of them: its own (<see cref="BlobInstance"/>).
/// </summary>
internal sealed class BlobPartitionStore(BlobContainerClient container, string prefix, TimeProvider time, StorageSetting? setting = null) : IPartitionStore
{
    private const string OpenKey = "open";
    private const string WatchedKey = "watched";
    private const string ApartKey = "apart";
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<int, BlobPartition> _partitions = new();
    private BlobInstance? _us;

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

    public Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        await InstanceOf(instance).LeaveAsync(cancellationToken);
        return StoreAnswer.Done;
    }, cancellationToken);

    public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var blob = BlobOf(partition);
        var ours = new BlobPartition(container, prefix, blob, leaseId);
        bool taken;
        try
        {
            taken = await ours.TryTakeAsync(_us, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            await CreateAsync(blob, cancellationToken);
            taken = await ours.TryTakeAsync(_us, cancellationToken);
        }

        if (!taken)
            return new StoreAnswer<PartitionState>(StoreOutcome.Busy, null);
        var content = await blob.DownloadContentAsync(new BlobDownloadOptions { Conditions = new BlobRequestConditions { LeaseId = leaseId.ToString() } }, cancellationToken);
        if (PartitionJson.Read(content.Value.Content.ToMemory().Span, out var problem) is { } state)
        {
            _partitions[partition] = ours;
            return new StoreAnswer<PartitionState>(StoreOutcome.Done, state, problem is null ? null : $"{blob.Name}: {problem}");
        }

        await ours.ReleaseAsync(cancellationToken);
        return new StoreAnswer<PartitionState>(StoreOutcome.Unreadable, null, $"{blob.Name}: {problem}");
    }, cancellationToken);

    public async Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken)
    {
        var renewed = StoreAnswer.Done;
        var answer = await BlobAnswers.OfAsync(_place, async () => renewed = await OursOf(partition, leaseId).RenewAsync(_us, cancellationToken), cancellationToken);
        return answer.Outcome == StoreOutcome.Done ? renewed : answer;
    }

    public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        await OursOf(partition, leaseId).WriteAsync(state, MetadataOf(state), _us, cancellationToken);
        return StoreAnswer.Done;
    }, cancellationToken);

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var ours = OursOf(partition, leaseId);
        _partitions.TryRemove(KeyValuePair.Create(partition, ours));
        await ours.ReleaseAsync(cancellationToken);
        return StoreAnswer.Done;
    }, cancellationToken);

    private static Dictionary<string, string> MetadataOf(PartitionState state) => BlobNumbers.With(
        new Dictionary<string, string> { [BlobHolding.OwnerKey] = state.Owner ?? "", [OpenKey] = state.OpenCount.ToString(CultureInfo.InvariantCulture) },
        (ApartKey, BlobNumbers.Write(state.Apart)),
        (WatchedKey, BlobNumbers.Write(state.Watched)));

    private async Task<StoreAnswer<StoreView>> LookOnceAsync(Presence? instance, CancellationToken cancellationToken)
    {
        if (instance is not null)
            await InstanceOf(instance.Name).ShowAsync(instance, cancellationToken);
        var blobs = new List<BlobItem>();
        var instances = new List<Presence>();
        await foreach (var page in container.GetBlobsByHierarchyAsync(BlobTraits.Metadata, delimiter: "/", prefix: $"{prefix}/", cancellationToken: cancellationToken).AsPages())
        {
            // By the service's own clock; without it nobody is taken for gone.
            var now = page.GetRawResponse().Headers.Date ?? DateTimeOffset.MinValue;
            foreach (var blob in page.Values.Where(item => item.IsBlob).Select(item => item.Blob))
            {
                blobs.Add(blob);
                if (BlobHolding.InstanceOf(blob) is not { } name)
                    continue;
                if (now - blob.Properties.LastModified < LeaseTiming.Presence)
                    instances.Add(BlobInstance.Read(name, blob.Metadata));
                else if (now - blob.Properties.LastModified > Forgotten)
                    await BlobInstance.BuryAsync(container, prefix, name, cancellationToken);
            }
        }

        // What is ours we know ourselves; and what is said to be ours and is not, is free.
        var living = BlobHolding.Living(blobs).Where(name => name != instance?.Name).ToHashSet(StringComparer.Ordinal);
        var partitions = new Dictionary<int, PartitionView>();
        long open = 0;
        foreach (var blob in blobs)
        {
            if (!int.TryParse(Path.GetFileNameWithoutExtension(blob.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
                continue;
            partitions[partition] = new PartitionView(BlobHolding.IsHeld(blob, living), BlobHolding.OwnerOf(blob.Metadata))
            {
                Watched = BlobNumbers.Read(blob.Metadata, WatchedKey), Apart = BlobNumbers.Read(blob.Metadata, ApartKey) ?? [],
            };
            open += blob.Metadata.TryGetValue(OpenKey, out var count) && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var messages) ? messages : 0;
        }

        return new StoreAnswer<StoreView>(StoreOutcome.Done, new StoreView(partitions, instances, open));
    }

    private BlobInstance InstanceOf(string name) => _us is { } us && us.Name == name ? us : _us = new BlobInstance(container, prefix, name, time);

    /// <summary>Under another lease it is an earlier owner's; what he knew of the blob does not hold any more.</summary>
    private BlobPartition OursOf(int partition, Guid leaseId) => _partitions.AddOrUpdate(
        partition,
        _ => new BlobPartition(container, prefix, BlobOf(partition), leaseId),
        (_, known) => known.LeaseId == leaseId ? known : new BlobPartition(container, prefix, BlobOf(partition), leaseId));

    private BlobClient BlobOf(int partition) => container.GetBlobClient(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{partition:00}.json"));

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
