using System.Collections.Concurrent;
using System.Globalization;

namespace ImapTrigger.Ownership.Local;

/// <summary>
/// Partitions in a folder, for the processes of one machine. The lease is a file held open without sharing: the system frees it
/// when its holder dies, so nothing expires and nothing need be renewed.
/// </summary>
internal sealed class LocalPartitionStore(string folder) : IPartitionStore
{
    private readonly ConcurrentDictionary<int, Lock> _held = new();

    private readonly ConcurrentDictionary<string, FileStream> _present = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<int, Seen> _seen = new();

    /// <summary>Flushes a file to the disk.</summary>
    public Action<FileStream> Flush { get; init; } = static file => file.Flush(flushToDisk: true);

    public string Location => folder;

    /// <summary>An instance is a file that it holds open, too; others may read what is in it.</summary>
    public async Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (instance is not null)
                await ShowAsync(instance, cancellationToken);
            var instances = new List<Presence>();
            foreach (var file in Directory.GetFiles(folder, "*.instance").Where(IsLocked))
                instances.Add(await PresenceOfAsync(file, cancellationToken));
            var records = new Dictionary<int, Seen>();
            foreach (var (partition, file) in Numbered("json"))
                records[partition] = await SeeAsync(partition, new FileInfo(file), cancellationToken);
            var held = Numbered("lock").Where(file => IsLocked(file.Path)).Select(file => file.Partition).ToHashSet();
            // The owner's name is in the record since its first write.
            var partitions = records.Keys.Union(held).ToDictionary(
                partition => partition, partition => (records.GetValueOrDefault(partition)?.View ?? new PartitionView(IsHeld: false)) with { IsHeld = held.Contains(partition) });
            return new StoreAnswer<StoreView>(StoreOutcome.Done, new StoreView(partitions, instances, records.Values.Sum(record => record.Open)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var answer = Failed(e);
            return new StoreAnswer<StoreView>(answer.Outcome, null, answer.Reason);
        }
    }

    public Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken)
    {
        if (_present.TryRemove(instance, out var file))
            file.Dispose();
        return Task.FromResult(StoreAnswer.Done);
    }

    public async Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken)
    {
        Lock? taken = null;
        try
        {
            if (!_held.TryGetValue(partition, out var held))
            {
                Directory.CreateDirectory(folder);
                taken = new Lock(
                    leaseId,
                    new FileStream(PathOf(partition, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None),
                    new LocalRecord(PathOf(partition, "json"), Flush));
                held = _held.GetOrAdd(partition, taken);
            }

            if (held.LeaseId != leaseId)
                return new StoreAnswer<PartitionState>(StoreOutcome.Busy, null);

            var record = PathOf(partition, "json");
            var state = PartitionJson.Read(File.Exists(record) ? await File.ReadAllBytesAsync(record, cancellationToken) : [], out var problem);
            if (state is not null)
            {
                taken = null;
                return new StoreAnswer<PartitionState>(StoreOutcome.Done, state, problem is null ? null : $"{record}: {problem}");
            }

            _held.TryRemove(partition, out _);
            return new StoreAnswer<PartitionState>(StoreOutcome.Unreadable, null, $"{record}: {problem}");
        }
        catch (IOException e) when (taken is null && IsSharingViolation(e))
        {
            return new StoreAnswer<PartitionState>(StoreOutcome.Busy, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var answer = Failed(e);
            return new StoreAnswer<PartitionState>(answer.Outcome, null, answer.Reason);
        }
        finally
        {
            if (taken is not null)
            {
                _held.TryRemove(new KeyValuePair<int, Lock>(partition, taken));
                taken.File.Dispose();
            }
        }
    }

    public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
        Task.FromResult(new StoreAnswer(Holds(partition, leaseId) ? StoreOutcome.Done : StoreOutcome.Lost));

    public async Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken)
    {
        if (!_held.TryGetValue(partition, out var held) || held.LeaseId != leaseId)
            return new StoreAnswer(StoreOutcome.Lost);
        try
        {
            await held.Record.WriteAsync(state, cancellationToken);
            return StoreAnswer.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(e);
        }
    }

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken)
    {
        if (!_held.TryGetValue(partition, out var held) || held.LeaseId != leaseId || !_held.TryRemove(new KeyValuePair<int, Lock>(partition, held)))
            return Task.FromResult(new StoreAnswer(StoreOutcome.Lost));
        held.File.Dispose();
        return Task.FromResult(StoreAnswer.Done);
    }

    /// <summary>What a look shows of a record; one that is ours, or has not changed since the last look, is not read.</summary>
    private async Task<Seen> SeeAsync(int partition, FileInfo file, CancellationToken cancellationToken)
    {
        if (_held.TryGetValue(partition, out var held) && held.Record.Written is { } ours)
            return new Seen(0, default, ViewOf(ours), ours.OpenCount);
        var (length, written) = (file.Length, file.LastWriteTimeUtc);
        if (_seen.TryGetValue(partition, out var seen) && (seen.Length, seen.Written) == (length, written))
            return seen;
        var state = PartitionJson.Read(await ReadAsync(file.FullName, cancellationToken), out _);
        return _seen[partition] = new Seen(length, written, ViewOf(state), state?.OpenCount ?? 0);
    }

    private static PartitionView ViewOf(PartitionState? state) => new(IsHeld: false, state?.Owner) { Watched = state?.Watched, Apart = state?.Apart ?? [] };

    /// <summary>Written anew each time, by its holder alone.</summary>
    private async Task ShowAsync(Presence instance, CancellationToken cancellationToken)
    {
        var file = _present.GetOrAdd(instance.Name, name => new FileStream(
            Path.Combine(folder, $"{name}.instance"), FileMode.Create, FileAccess.Write, FileShare.Read, 1, FileOptions.DeleteOnClose));
        file.SetLength(0);
        await file.WriteAsync(PartitionJson.Write(instance), cancellationToken);
        await file.FlushAsync(cancellationToken);
    }

    private static async Task<Presence> PresenceOfAsync(string file, CancellationToken cancellationToken)
    {
        // Read while it is written: known, but not what it wants.
        return PartitionJson.ReadPresence(await ReadAsync(file, cancellationToken)) ?? new Presence(Path.GetFileNameWithoutExtension(file));
    }

    /// <summary>A file that its holder may write meanwhile.</summary>
    internal static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var text = new MemoryStream();
        await content.CopyToAsync(text, cancellationToken);
        return text.ToArray();
    }

    /// <summary>The files of partitions; what people have put beside them ("00 (copy).json") is none.</summary>
    private IEnumerable<(int Partition, string Path)> Numbered(string extension)
    {
        foreach (var file in Directory.GetFiles(folder, $"*.{extension}"))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
                yield return (partition, file);
        }
    }

    internal static bool IsLocked(string file)
    {
        try
        {
            new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return true;
        }
    }

    private bool Holds(int partition, Guid leaseId) => _held.TryGetValue(partition, out var held) && held.LeaseId == leaseId;

    private string PathOf(int partition, string extension) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{partition:00}.{extension}"));

    private static StoreAnswer Failed(Exception e) => e is UnauthorizedAccessException
        ? new StoreAnswer(StoreOutcome.Forbidden, $"{e.Message} Grant this user write access, or set host.json, extensions.imapIdle.localStatePath.")
        : new StoreAnswer(StoreOutcome.Unreachable, e.Message);

    // .NET has no type for it: EWOULDBLOCK of flock on Linux (11) and macOS (35), ERROR_SHARING_VIOLATION on Windows.
    private static bool IsSharingViolation(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private sealed record Lock(Guid LeaseId, FileStream File, LocalRecord Record);

    /// <param name="Length">The record's length then.</param>
    /// <param name="Written">When it had been written last.</param>
    /// <param name="View">What is in it; held or not.</param>
    /// <param name="Open">Messages that are open.</param>
    private sealed record Seen(long Length, DateTime Written, PartitionView View, long Open);
}
