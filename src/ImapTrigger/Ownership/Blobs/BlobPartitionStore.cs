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
internal sealed class BlobPartitionStore(BlobContainerClient container, string prefix) : IPartitionStore
{
    private const string InstancePrefix = "instance-";
    private const string OwnerKey = "owner";
    private const string OpenKey = "open";
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    public string Location => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}";

    /// <summary>One listing; what lies deeper (poison, replay) is not in it. An instance is an empty blob that is written again and again.</summary>
    public Task<StoreAnswer<StoreView>> LookAsync(string? instance, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
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
        BlobAnswers.OfAsync(Location, () => InstanceBlob(instance).DeleteIfExistsAsync(cancellationToken: cancellationToken), cancellationToken);

    public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
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
            return new StoreAnswer<PartitionState>(StoreOutcome.Done, state);
        await lease.ReleaseAsync(cancellationToken: cancellationToken);
        return new StoreAnswer<PartitionState>(StoreOutcome.Unreadable, null, $"{blob.Name}: {problem}");
    }, cancellationToken);

    public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, () =>
        BlobOf(partition).GetBlobLeaseClient(leaseId.ToString()).RenewAsync(cancellationToken: cancellationToken), cancellationToken);

    public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, () =>
        BlobOf(partition).UploadAsync(
            new BinaryData(PartitionJson.Write(state)),
            new BlobUploadOptions
            {
                Conditions = Holding(leaseId),
                HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
                Metadata = new Dictionary<string, string> { [OwnerKey] = state.Owner ?? "", [OpenKey] = state.OpenCount.ToString(CultureInfo.InvariantCulture) },
            },
            cancellationToken), cancellationToken);

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, () =>
        BlobOf(partition).GetBlobLeaseClient(leaseId.ToString()).ReleaseAsync(cancellationToken: cancellationToken), cancellationToken);

    private async Task<StoreAnswer<StoreView>> LookOnceAsync(string? instance, CancellationToken cancellationToken)
    {
        var held = new Dictionary<int, string?>();
        var instances = new List<string>();
        long open = 0;
        if (instance is not null)
            await InstanceBlob(instance).UploadAsync(BinaryData.FromBytes(ReadOnlyMemory<byte>.Empty), overwrite: true, cancellationToken);
        await foreach (var page in container.GetBlobsByHierarchyAsync(BlobTraits.Metadata, delimiter: "/", prefix: $"{prefix}/", cancellationToken: cancellationToken).AsPages())
        {
            // By the service's own clock.
            var now = page.GetRawResponse().Headers.Date ?? DateTimeOffset.UtcNow;
            foreach (var blob in page.Values.Where(item => item.IsBlob).Select(item => item.Blob))
            {
                var name = Path.GetFileNameWithoutExtension(blob.Name);
                if (name.StartsWith(InstancePrefix, StringComparison.Ordinal))
                {
                    if (now - blob.Properties.LastModified < LeaseTiming.Presence)
                        instances.Add(name[InstancePrefix.Length..]);
                    else if (now - blob.Properties.LastModified > Forgotten)
                        await container.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken);
                }
                else if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
                {
                    if (blob.Properties.LeaseState == LeaseState.Leased)
                        held[partition] = blob.Metadata.TryGetValue(OwnerKey, out var owner) ? owner : null;
                    open += blob.Metadata.TryGetValue(OpenKey, out var count) && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var messages) ? messages : 0;
                }
            }
        }

        return new StoreAnswer<StoreView>(StoreOutcome.Done, new StoreView(held, instances, open));
    }

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
