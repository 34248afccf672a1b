using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>
/// This instance as an empty blob, <c>instance-{name}.empty</c>: written again and again to be seen, and leased to be known alive. One renewal of it keeps all the partitions
/// that are held under it; whoever takes one of these away has removed this blob before, which the service refuses as long as the lease runs.
/// </summary>
internal sealed class BlobInstance(BlobContainerClient container, string prefix, string name, TimeProvider time)
{
    public const string Prefix = "instance-";
    private const string WantedKey = "wanted";
    private const string AsksKey = "asks";
    private const string WholeKey = "whole";

    /// <summary>What has not changed is written so often: two of these may fail, and the instance still counts as there.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(8);

    private readonly BlobClient _blob = BlobOf(container, prefix, name);
    private readonly object _gate = new();
    private Task? _renewing;
    private Guid? _tenure;
    private string? _shown;
    private long _shownAt;
    private long _provenAt;

    public string Name => name;

    /// <summary>The lease that runs: another one each time that it had to be taken anew. Null without.</summary>
    public Guid? Tenure
    {
        get
        {
            lock (_gate)
                return _tenure;
        }
    }

    /// <exception cref="RequestFailedException">The service refuses.</exception>
    public async Task ShowAsync(Presence presence, CancellationToken cancellationToken)
    {
        var metadata = BlobNumbers.With(
            [], (AsksKey, BlobNumbers.Write(presence.Asks)), (WholeKey, BlobNumbers.Write(presence.Whole)), (WantedKey, BlobNumbers.Write(presence.Wanted)));
        var text = string.Join(';', metadata.Select(entry => $"{entry.Key}={entry.Value}"));
        if (Tenure is not null && text == _shown && time.GetElapsedTime(_shownAt) < Again)
            return;
        // Somebody may have taken us for dead; then it begins anew.
        await ProveAsync(Again, cancellationToken);
        var sent = time.GetTimestamp();
        var tenure = Tenure;
        await _blob.UploadAsync(BinaryData.FromBytes(ReadOnlyMemory<byte>.Empty), new BlobUploadOptions { Metadata = metadata, Conditions = Under(tenure) }, cancellationToken);
        (_shown, _shownAt) = (text, sent);
        if (tenure is null)
            await BeginAsync(cancellationToken);
    }

    /// <summary>How long ago it was proven that we live, by a request that the service has acknowledged; asks it when that is too long ago. Null when the lease is lost.</summary>
    public async Task<TimeSpan?> ProveAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        Task renewing;
        lock (_gate)
        {
            if (_tenure is not { } tenure)
                return null;
            if (time.GetElapsedTime(_provenAt) < age)
                return time.GetElapsedTime(_provenAt);
            // One for all who ask meanwhile, so no one's to cancel.
            renewing = _renewing is { IsCompleted: false } running ? running : _renewing = RenewAsync(tenure);
        }

        await renewing.WaitAsync(cancellationToken);
        lock (_gate)
            return _tenure is null ? null : time.GetElapsedTime(_provenAt);
    }

    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        var tenure = Tenure;
        if (tenure is { } ended)
            End(ended);
        return _blob.DeleteIfExistsAsync(conditions: Under(tenure), cancellationToken: cancellationToken);
    }

    /// <summary>Removes an instance's blob, which ends all that it holds; false when it lives.</summary>
    public static async Task<bool> BuryAsync(BlobContainerClient container, string prefix, string name, CancellationToken cancellationToken)
    {
        try
        {
            await BlobOf(container, prefix, name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    }

    public static Presence Read(string name, IDictionary<string, string> metadata) => new(name)
    {
        Wanted = BlobNumbers.ReadPairs(metadata, WantedKey), Asks = BlobNumbers.Read(metadata, AsksKey) ?? [], Whole = BlobNumbers.Read(metadata, WholeKey) ?? [],
    };

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var (tenure, sent) = (Guid.NewGuid(), time.GetTimestamp());
        await _blob.GetBlobLeaseClient(tenure.ToString()).AcquireAsync(LeaseTiming.Duration, cancellationToken: cancellationToken);
        lock (_gate)
            (_tenure, _provenAt) = (tenure, sent);
    }

    private async Task RenewAsync(Guid tenure)
    {
        var sent = time.GetTimestamp();
        try
        {
            await _blob.GetBlobLeaseClient(tenure.ToString()).RenewAsync();
            lock (_gate)
                _provenAt = _tenure == tenure ? sent : _provenAt;
        }
        catch (RequestFailedException e) when (IsLost(e))
        {
            End(tenure);
        }
    }

    private void End(Guid tenure)
    {
        lock (_gate)
            _tenure = _tenure == tenure ? null : _tenure;
    }

    private static bool IsLost(RequestFailedException e) => e.Status is 404 or 409 or 412;

    private static BlobRequestConditions? Under(Guid? tenure) => tenure is { } lease ? new BlobRequestConditions { LeaseId = lease.ToString() } : null;

    private static BlobClient BlobOf(BlobContainerClient container, string prefix, string name) => container.GetBlobClient($"{prefix}/{Prefix}{name}.empty");
}
