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

    public string Location => folder;

    /// <summary>Who holds what is not known, and need not be: trying a lock costs nothing. An instance is a file that it holds open, too.</summary>
    public Task<StoreAnswer<StoreView>> LookAsync(string? instance, CancellationToken cancellationToken)
    {
        var held = new Dictionary<int, string?>();
        var instances = new List<string>();
        try
        {
            Directory.CreateDirectory(folder);
            if (instance is not null && !_present.ContainsKey(instance))
                _present[instance] = new FileStream(Path.Combine(folder, $"{instance}.instance"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            foreach (var file in Directory.GetFiles(folder, "*.instance").Where(file => IsLocked(file)))
                instances.Add(Path.GetFileNameWithoutExtension(file));
            var records = Directory.GetFiles(folder, "*.json").ToDictionary(file => NumberOf(file), file => PartitionJson.Read(File.ReadAllBytes(file), out _));
            // The owner's name is in the record since its first write.
            foreach (var partition in Directory.GetFiles(folder, "*.lock").Where(file => IsLocked(file)).Select(NumberOf))
                held[partition] = records.GetValueOrDefault(partition)?.Owner;
            return Task.FromResult(new StoreAnswer<StoreView>(StoreOutcome.Done, new StoreView(held, instances, records.Values.Sum(record => record?.OpenCount ?? 0))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var answer = Failed(e);
            return Task.FromResult(new StoreAnswer<StoreView>(answer.Outcome, null, answer.Reason));
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
                taken = new Lock(leaseId, new FileStream(PathOf(partition, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                held = _held.GetOrAdd(partition, taken);
            }

            if (held.LeaseId != leaseId)
                return new StoreAnswer<PartitionState>(StoreOutcome.Busy, null);

            var record = PathOf(partition, "json");
            var state = PartitionJson.Read(File.Exists(record) ? await File.ReadAllBytesAsync(record, cancellationToken) : [], out var problem);
            if (state is not null)
            {
                taken = null;
                return new StoreAnswer<PartitionState>(StoreOutcome.Done, state);
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

    /// <summary>To a file beside it, flushed to the disk, then renamed over it: a crash leaves the old record or the new one.</summary>
    public async Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken)
    {
        if (!Holds(partition, leaseId))
            return new StoreAnswer(StoreOutcome.Lost);
        try
        {
            var next = PathOf(partition, "json.next");
            await using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(PartitionJson.Write(state), cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, PathOf(partition, "json"), overwrite: true);
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

    private static int NumberOf(string file) => int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture);

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

    private sealed record Lock(Guid LeaseId, FileStream File);
}
