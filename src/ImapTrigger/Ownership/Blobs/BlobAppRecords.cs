using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>The records below <c>{app}/</c> in a container; a lease does not keep anybody from reading.</summary>
internal sealed class BlobAppRecords(BlobContainerClient container, string app, StorageSetting? setting = null) : IAppRecords
{
    private const int AtOnce = 8;

    private readonly BlobPlace _place = new(container, app, setting);

    public string Location => _place.Location;

    public string WhereToLook => _place.WhereToLook;

    public Task<StoreAnswer<IReadOnlyList<StoredCursor>>> ReadAsync(IReadOnlyCollection<string> except, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var cursors = new ConcurrentQueue<StoredCursor>();
        try
        {
            var blobs = new List<BlobItem>();
            await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, prefix: $"{app}/", cancellationToken: cancellationToken))
                blobs.Add(blob);
            var living = BlobHolding.Living(blobs);
            await Parallel.ForEachAsync(
                blobs,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (blob, token) =>
                {
                    if (blob.Name[(app.Length + 1)..].Split('/') is [var function, var file] && IsRecord(file) && !except.Contains(function))
                        await ReadAsync(blob, function, BlobHolding.IsHeld(blob, living), cursors, token);
                });
        }
        catch (RequestFailedException e) when (BlobAnswers.Is(e, BlobErrorCode.ContainerNotFound))
        {
            // Nobody has been here yet.
        }

        return new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Done, [.. cursors]);
    }, cancellationToken);

    private async Task ReadAsync(BlobItem blob, string function, bool held, ConcurrentQueue<StoredCursor> cursors, CancellationToken cancellationToken)
    {
        try
        {
            var content = await container.GetBlobClient(blob.Name).DownloadContentAsync(cancellationToken);
            foreach (var (mailbox, cursor) in PartitionJson.Read(content.Value.Content.ToMemory().Span, out _)?.Mailboxes ?? PartitionState.Empty.Mailboxes)
                cursors.Enqueue(new StoredCursor(function, mailbox, cursor, held, content.Value.Details.LastModified));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Deleted since it was listed.
        }
    }

    private static bool IsRecord(string file) =>
        file.EndsWith(".json", StringComparison.Ordinal) && int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
