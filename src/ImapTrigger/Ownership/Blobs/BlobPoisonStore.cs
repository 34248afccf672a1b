using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>Poisoned messages as blobs: <c>poison/{app}/{function}/{mailbox}/{uidvalidity}-{uid}.json</c> and <c>.eml</c>.</summary>
internal sealed class BlobPoisonStore(BlobContainerClient container, string key) : IPoisonStore
{
    private string Location => $"{container.Uri.GetLeftPart(UriPartial.Path)}/poison/{key}";

    public string PathOf(PoisonRecord record) => $"poison/{key}/{record.Name}";

    public Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        // The message first: a record that is there is whole.
        if (raw is not null)
            await UploadAsync(BlobOf(record, "eml"), raw, "message/rfc822", cancellationToken);
        return await UploadAsync(BlobOf(record, "json"), PartitionJson.Write(record), "application/json", cancellationToken);
    }, cancellationToken);

    public Task<StoreAnswer<IReadOnlyList<PoisonRecord>>> TakeReplaysAsync(string mailbox, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        var records = new List<PoisonRecord>();
        await foreach (var item in container.GetBlobsAsync(prefix: $"replay/{key}/{PoisonRecord.Folder(mailbox)}/", cancellationToken: cancellationToken))
        {
            var blob = container.GetBlobClient(item.Name);
            var content = await blob.DownloadContentAsync(cancellationToken);
            await blob.DeleteAsync(cancellationToken: cancellationToken);
            if (PartitionJson.ReadPoison(content.Value.Content.ToMemory().Span) is { } record && record.Mailbox == mailbox)
                records.Add(record);
        }

        return new StoreAnswer<IReadOnlyList<PoisonRecord>>(StoreOutcome.Done, records);
    }, cancellationToken);

    public Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        var blob = BlobOf(record, "eml");
        var exists = await blob.ExistsAsync(cancellationToken);
        return new StoreAnswer<byte[]>(StoreOutcome.Done, exists.Value ? (await blob.DownloadContentAsync(cancellationToken)).Value.Content.ToArray() : []);
    }, cancellationToken);

    public Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        await BlobOf(record, "json").DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return await BlobOf(record, "eml").DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }, cancellationToken);

    private BlobClient BlobOf(PoisonRecord record, string extension) => container.GetBlobClient($"{PathOf(record)}.{extension}");

    private static Task<Azure.Response<BlobContentInfo>> UploadAsync(BlobClient blob, byte[] content, string type, CancellationToken cancellationToken) =>
        blob.UploadAsync(new BinaryData(content), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = type } }, cancellationToken);
}
