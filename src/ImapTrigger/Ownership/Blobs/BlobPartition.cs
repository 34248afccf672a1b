using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>
/// One partition's blob under one lease of ours. At first the lease runs out by itself; once our name is in the blob, and we are known to live, it does not any more: then it
/// is our instance's lease that is renewed, once for all partitions, and that runs out.
/// </summary>
internal sealed class BlobPartition(BlobContainerClient container, string prefix, BlobClient blob, Guid leaseId)
{
    /// <summary>Renewed so often, at a gentle rate; asked for more often.</summary>
    private static readonly TimeSpan Proven = TimeSpan.FromSeconds(8);

    /// <summary>Before the lease becomes an endless one: our instance's must outlast what was proven of ours.</summary>
    private static readonly TimeSpan JustProven = TimeSpan.FromSeconds(1);

    private readonly BlobRecord _record = new(container.GetBlockBlobClient(blob.Name), leaseId);
    private readonly BlobLeaseClient _lease = blob.GetBlobLeaseClient(leaseId.ToString());
    private bool _isNamed;
    private Guid? _tenure;
    private bool _isEndless;

    public Guid LeaseId => leaseId;

    /// <summary>Takes the lease; false when somebody has it.</summary>
    /// <exception cref="RequestFailedException">404: there is no blob.</exception>
    public async Task<bool> TryTakeAsync(BlobInstance? us, CancellationToken cancellationToken)
    {
        try
        {
            await _lease.AcquireAsync(LeaseTiming.Duration, cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (BlobAnswers.Is(e, BlobErrorCode.LeaseAlreadyPresent))
        {
            return await TryInheritAsync(us, cancellationToken);
        }
    }

    public async Task<StoreAnswer> RenewAsync(BlobInstance? us, CancellationToken cancellationToken)
    {
        if (_tenure is null && (!_isNamed || us?.Tenure is null || await us.ProveAsync(JustProven, cancellationToken) is null))
        {
            await _lease.RenewAsync(cancellationToken: cancellationToken);
            return StoreAnswer.Done;
        }

        // Before it is asked for: from here on only our instance's lease proves anything.
        _tenure ??= us!.Tenure;
        var age = await us!.ProveAsync(Proven, cancellationToken);
        if (age is null || _tenure is null || us.Tenure != _tenure)
            return new StoreAnswer(StoreOutcome.Lost, "the instance was taken for dead: its own lease had run out");
        if (!_isEndless)
            await _lease.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: cancellationToken);
        _isEndless = true;
        return StoreAnswer.Done with { Age = age };
    }

    public async Task WriteAsync(PartitionState state, IDictionary<string, string> metadata, BlobInstance? us, CancellationToken cancellationToken)
    {
        await _record.WriteAsync(state, metadata, cancellationToken);
        _isNamed |= us is not null && BlobHolding.OwnerOf(metadata) == us.Name;
    }

    public Task ReleaseAsync(CancellationToken cancellationToken) => _lease.ReleaseAsync(cancellationToken: cancellationToken);

    /// <summary>Takes the lease from an instance that lives no more, or from ourselves after we have lost it. Of several who do so, one succeeds.</summary>
    private async Task<bool> TryInheritAsync(BlobInstance? us, CancellationToken cancellationToken)
    {
        var found = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        if (found is not { LeaseState: LeaseState.Leased, LeaseDuration: LeaseDurationType.Infinite } || BlobHolding.OwnerOf(found.Metadata) is not { Length: > 0 } owner)
            return false;
        if (owner != us?.Name && !await BlobInstance.BuryAsync(container, prefix, owner, cancellationToken))
            return false;
        await _lease.BreakAsync(TimeSpan.Zero, new RequestConditions { IfMatch = found.ETag }, cancellationToken);
        await _lease.AcquireAsync(LeaseTiming.Duration, cancellationToken: cancellationToken);
        // Another ETag: whoever has seen what we saw cannot do as we did.
        found.Metadata[BlobHolding.OwnerKey] = us?.Name ?? "";
        await blob.SetMetadataAsync(found.Metadata, new BlobRequestConditions { LeaseId = leaseId.ToString() }, cancellationToken);
        return true;
    }
}
