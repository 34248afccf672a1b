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

    public async Task<StoreAnswer<IReadOnlyList<string>>> ListReplaysAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var answer = await TryAsync(() =>
        {
            var replays = new DirectoryInfo(ReplayFolder);
            foreach (var file in replays.Exists ? replays.GetFiles("*.json", SearchOption.AllDirectories) : [])
                names.Add(Path.ChangeExtension(Path.GetRelativePath(ReplayFolder, file.FullName), null).Replace(Path.DirectorySeparatorChar, '/'));
            // As a container lists them; a folder has no order of its own.
            names.Sort(StringComparer.Ordinal);
            return Task.CompletedTask;
        });
        return new StoreAnswer<IReadOnlyList<string>>(answer.Outcome, names, answer.Reason);
    }

    public async Task<StoreAnswer<PoisonRecord>> ReadReplayAsync(string name, CancellationToken cancellationToken)
    {
        var read = new StoreAnswer<PoisonRecord>(StoreOutcome.Busy, null);
        var answer = await TryAsync(async () =>
        {
            if (File.Exists(ReplayOf(name)))
                read = PoisonRecord.Read(await File.ReadAllBytesAsync(ReplayOf(name), cancellationToken), name);
        });
        return answer.Outcome == StoreOutcome.Done ? read : new StoreAnswer<PoisonRecord>(answer.Outcome, null, answer.Reason);
    }

    public async Task<StoreAnswer> TakeReplayAsync(string name, CancellationToken cancellationToken)
    {
        // Moved first: of two who take it, one finds it.
        var taken = $"{ReplayOf(name)}.taken";
        var answer = await TryAsync(() =>
        {
            File.Move(ReplayOf(name), taken, overwrite: true);
            File.Delete(taken);
            return Task.CompletedTask;
        });
        return answer.Outcome != StoreOutcome.Done && !File.Exists(ReplayOf(name)) ? new StoreAnswer(StoreOutcome.Lost, "another has taken it") : answer;
    }

    public Task<StoreAnswer> ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        // Renamed last: whoever looks meanwhile sees nothing or all of it.
        var next = $"{ReplayOf(name)}.next";
        Directory.CreateDirectory(Path.GetDirectoryName(next)!);
        await File.WriteAllBytesAsync(next, PartitionJson.Write(record), cancellationToken);
        File.Move(next, ReplayOf(name), overwrite: true);
    });

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

    private string ReplayFolder => Path.Combine(folder, "replay", key);

    private string ReplayOf(string name) => Path.Combine(ReplayFolder, $"{name}.json");

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
