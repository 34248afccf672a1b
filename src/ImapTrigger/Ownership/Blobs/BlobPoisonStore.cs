using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>Poisoned messages as blobs: <c>poison/{app}/{function}/{mailbox}/{uidvalidity}-{uid}.json</c> and <c>.eml</c>.</summary>
internal sealed class BlobPoisonStore(BlobContainerClient container, string key, StorageSetting? setting = null) : IPoisonStore
{
    private const string RecordExtension = ".json";

    private readonly BlobPlace _place = new(container, $"poison/{key}", setting);

    public string WhereToLook => _place.WhereToLook;

    public string PathOf(PoisonRecord record) => $"poison/{key}/{record.Name}";

    public Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        // The message first: a record that is there is whole.
        if (raw is not null)
            await UploadAsync(BlobOf(record, "eml"), raw, "message/rfc822", cancellationToken);
        return await UploadAsync(BlobOf(record, "json"), PartitionJson.Write(record), "application/json", cancellationToken);
    }, cancellationToken);

    public Task<StoreAnswer<IReadOnlyList<string>>> ListReplaysAsync(CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var names = new List<string>();
        try
        {
            await foreach (var item in container.GetBlobsAsync(prefix: ReplayPrefix, cancellationToken: cancellationToken))
            {
                if (item.Name.EndsWith(RecordExtension, StringComparison.Ordinal))
                    names.Add(item.Name[ReplayPrefix.Length..^RecordExtension.Length]);
            }
        }
        catch (RequestFailedException e) when (BlobAnswers.Is(e, BlobErrorCode.ContainerNotFound))
        {
            // Nobody has been here yet.
        }

        return new StoreAnswer<IReadOnlyList<string>>(StoreOutcome.Done, names);
    }, cancellationToken);

    public Task<StoreAnswer<PoisonRecord>> ReadReplayAsync(string name, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var content = await ReplayOf(name).DownloadContentAsync(cancellationToken);
        return PoisonRecord.Read(content.Value.Content.ToMemory().Span, name);
    }, cancellationToken);

    public Task<StoreAnswer> TakeReplayAsync(string name, CancellationToken cancellationToken) =>
        BlobAnswers.OfAsync(_place, () => ReplayOf(name).DeleteAsync(cancellationToken: cancellationToken), cancellationToken);

    public Task<StoreAnswer> ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) =>
        BlobAnswers.OfAsync(_place, () => UploadAsync(ReplayOf(name), PartitionJson.Write(record), "application/json", cancellationToken), cancellationToken);

    public Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        var blob = BlobOf(record, "eml");
        var exists = await blob.ExistsAsync(cancellationToken);
        return new StoreAnswer<byte[]>(StoreOutcome.Done, exists.Value ? (await blob.DownloadContentAsync(cancellationToken)).Value.Content.ToArray() : []);
    }, cancellationToken);

    public Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => BlobAnswers.OfAsync(_place, async () =>
    {
        await BlobOf(record, "json").DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return await BlobOf(record, "eml").DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }, cancellationToken);

    private string ReplayPrefix => $"replay/{key}/";

    private BlobClient ReplayOf(string name) => container.GetBlobClient($"{ReplayPrefix}{name}{RecordExtension}");

    private BlobClient BlobOf(PoisonRecord record, string extension) => container.GetBlobClient($"{PathOf(record)}.{extension}");

    private static Task<Azure.Response<BlobContentInfo>> UploadAsync(BlobClient blob, byte[] content, string type, CancellationToken cancellationToken) =>
        blob.UploadAsync(new BinaryData(content), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = type } }, cancellationToken);
}
