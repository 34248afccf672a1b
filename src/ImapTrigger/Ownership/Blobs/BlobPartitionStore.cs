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
    public string Location => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}";

    public Task<StoreAnswer<IReadOnlySet<int>>> ListHeldAsync(CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        var held = new HashSet<int>();
        try
        {
            await foreach (var blob in container.GetBlobsAsync(prefix: $"{prefix}/", cancellationToken: cancellationToken))
            {
                if (blob.Properties.LeaseState == LeaseState.Leased
                    && int.TryParse(Path.GetFileNameWithoutExtension(blob.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
                    held.Add(partition);
            }
        }
        catch (RequestFailedException e) when (BlobAnswers.Is(e, BlobErrorCode.ContainerNotFound))
        {
            // Nobody has been here yet; acquiring makes the container.
        }

        return new StoreAnswer<IReadOnlySet<int>>(StoreOutcome.Done, held);
    }, cancellationToken);

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
            new BlobUploadOptions { Conditions = Holding(leaseId), HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } },
            cancellationToken), cancellationToken);

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, () =>
        BlobOf(partition).GetBlobLeaseClient(leaseId.ToString()).ReleaseAsync(cancellationToken: cancellationToken), cancellationToken);

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
