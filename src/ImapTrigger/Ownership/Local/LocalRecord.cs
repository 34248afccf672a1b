namespace ImapTrigger.Ownership.Local;

/// <summary>
/// The record of one partition while it is ours, in its file. A write appends what has changed and flushes it to the disk; from time to time, and first of all, the whole is
/// written to a file beside it, flushed, and renamed over it. So a crash leaves the old record, or the new one, or a last line that is cut off.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="flush">Flushes to the disk.</param>
internal sealed class LocalRecord(string path, Action<FileStream> flush)
{
    /// <summary>A record may grow by its own size and so much more.</summary>
    private const int Slack = 64 * 1024;

    private PartitionState? _written;
    private long _whole;
    private long _size;
    private long _writes;

    /// <summary>What is on record; null when nobody knows.</summary>
    public PartitionState? Written => Volatile.Read(ref _written);

    public async Task WriteAsync(PartitionState state, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _writes);
        // Until it is acknowledged nobody knows what lies there.
        var before = Interlocked.Exchange(ref _written, null);
        var added = before is null ? [] : RecordText.Of(RecordChanges.Between(before, state), state);
        long? size = before is null || _size + added.Length > (2 * _whole) + Slack ? null : await AppendAsync(added, cancellationToken);
        if (size is null)
            _whole = await ReplaceAsync(RecordText.Whole(state), cancellationToken);
        _size = size ?? _whole;
        // One that was given up and ends late knows nothing about what came after it.
        if (number == Interlocked.Read(ref _writes))
            _written = state;
    }

    /// <summary>Null when the file is not the one that was written last: somebody has touched it.</summary>
    private async Task<long?> AppendAsync(byte[] text, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (file.Length != _size)
            return null;
        file.Position = _size;
        await file.WriteAsync(text, cancellationToken);
        flush(file);
        return _size + text.Length;
    }

    private async Task<long> ReplaceAsync(byte[] text, CancellationToken cancellationToken)
    {
        var next = $"{path}.next";
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            await file.WriteAsync(text, cancellationToken);
            flush(file);
        }

        File.Move(next, path, overwrite: true);
        return text.Length;
    }
}
