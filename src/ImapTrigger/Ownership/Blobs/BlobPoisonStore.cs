using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>Poisoned messages as blobs: <c>{prefix}/poison/{mailbox}/{uidvalidity}-{uid}.json</c> and <c>.eml</c>.</summary>
internal sealed class BlobPoisonStore(BlobContainerClient container, string prefix) : IPoisonStore
{
    private string Location => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}";

    public Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        // The message first: a record that is there is whole.
        if (raw is not null)
            await UploadAsync(BlobOf("poison", record, "eml"), raw, "message/rfc822", cancellationToken);
        return await UploadAsync(BlobOf("poison", record, "json"), PartitionJson.Write(record), "application/json", cancellationToken);
    }, cancellationToken);

    public Task<StoreAnswer<IReadOnlyList<PoisonRecord>>> TakeReplaysAsync(string mailbox, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        var records = new List<PoisonRecord>();
        await foreach (var item in container.GetBlobsAsync(prefix: $"{prefix}/replay/{PoisonRecord.Folder(mailbox)}/", cancellationToken: cancellationToken))
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
        var blob = BlobOf("poison", record, "eml");
        var exists = await blob.ExistsAsync(cancellationToken);
        return new StoreAnswer<byte[]>(StoreOutcome.Done, exists.Value ? (await blob.DownloadContentAsync(cancellationToken)).Value.Content.ToArray() : []);
    }, cancellationToken);

    public Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => BlobAnswers.OfAsync(Location, async () =>
    {
        await BlobOf("poison", record, "json").DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return await BlobOf("poison", record, "eml").DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }, cancellationToken);

    private BlobClient BlobOf(string folder, PoisonRecord record, string extension) => container.GetBlobClient($"{prefix}/{folder}/{record.Name}.{extension}");

    private static Task<Azure.Response<BlobContentInfo>> UploadAsync(BlobClient blob, byte[] content, string type, CancellationToken cancellationToken) =>
        blob.UploadAsync(new BinaryData(content), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = type } }, cancellationToken);
}
