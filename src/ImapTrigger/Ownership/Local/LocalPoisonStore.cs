namespace ImapTrigger.Ownership.Local;

/// <summary>Poisoned messages as files: <c>poison/{app}/{function}/{mailbox}/{uidvalidity}-{uid}.json</c> and <c>.eml</c>.</summary>
internal sealed class LocalPoisonStore(string folder, string key) : IPoisonStore
{
    public string PathOf(PoisonRecord record) => Path.Combine(folder, "poison", key, record.Name);

    public Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf(record, "json"))!);
        // The message first: a record that is there is whole.
        if (raw is not null)
            await File.WriteAllBytesAsync(FileOf(record, "eml"), raw, cancellationToken);
        await File.WriteAllBytesAsync(FileOf(record, "json"), PartitionJson.Write(record), cancellationToken);
    });

    public async Task<StoreAnswer<IReadOnlyList<PoisonRecord>>> TakeReplaysAsync(string mailbox, CancellationToken cancellationToken)
    {
        var records = new List<PoisonRecord>();
        var answer = await TryAsync(async () =>
        {
            var replays = new DirectoryInfo(Path.Combine(folder, "replay", key, PoisonRecord.Folder(mailbox)));
            foreach (var file in replays.Exists ? replays.GetFiles("*.json") : [])
            {
                if (PartitionJson.ReadPoison(await File.ReadAllBytesAsync(file.FullName, cancellationToken)) is { } record && record.Mailbox == mailbox)
                    records.Add(record);
                file.Delete();
            }
        });
        return new StoreAnswer<IReadOnlyList<PoisonRecord>>(answer.Outcome, records, answer.Reason);
    }

    public async Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken)
    {
        byte[] raw = [];
        var path = FileOf(record, "eml");
        var answer = await TryAsync(async () => raw = File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : []);
        return new StoreAnswer<byte[]>(answer.Outcome, raw, answer.Reason);
    }

    public Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => TryAsync(() =>
    {
        File.Delete(FileOf(record, "json"));
        File.Delete(FileOf(record, "eml"));
        return Task.CompletedTask;
    });

    private string FileOf(PoisonRecord record, string extension) => $"{PathOf(record)}.{extension}";

    private static async Task<StoreAnswer> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return StoreAnswer.Done;
        }
        catch (UnauthorizedAccessException e)
        {
            return new StoreAnswer(StoreOutcome.Forbidden, e.Message);
        }
        catch (IOException e)
        {
            return new StoreAnswer(StoreOutcome.Unreachable, e.Message);
        }
    }
}
