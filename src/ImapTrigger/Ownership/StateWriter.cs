using System.Threading.Channels;

namespace ImapTrigger.Ownership;

/// <summary>
/// Writes a partition's state in groups: the first change at once, all that come within the flush interval together; what somebody waits for, at once. What is at once, and how long
/// the interval, depends on how much all partitions of the instance write (<see cref="WriteBudget"/>).
/// </summary>
internal sealed class StateWriter : IDisposable
{
    /// <summary>How often the last write is tried, so that a stop ends although the store does not answer.</summary>
    private const int LastAttempts = 3;

    private const long Nothing = long.MaxValue;

    private readonly object _gate = new();
    private readonly Func<PartitionState, Task<bool>> _write;
    private readonly LeaseTiming _timing;
    private readonly WriteBudget _budget;
    private readonly TimeProvider _time;
    private readonly CancellationToken _lost;
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TaskCompletionSource _urgent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PartitionState _state;
    private long _version = 1;
    private long _writing;
    private long _written;
    private long _waitingSince = Nothing;

    /// <param name="state">What was read, with our name in it: it is written at once, which proves that we may write.</param>
    /// <param name="write">Writes; false when it is not written.</param>
    /// <param name="timing">The flush interval, and how soon to try again.</param>
    /// <param name="budget">What all writers of this instance share.</param>
    /// <param name="time">The clock.</param>
    /// <param name="lost">Nothing is written any more.</param>
    public StateWriter(PartitionState state, Func<PartitionState, Task<bool>> write, LeaseTiming timing, WriteBudget budget, TimeProvider time, CancellationToken lost)
    {
        _state = state;
        _write = write;
        _timing = timing;
        _budget = budget;
        _time = time;
        _lost = lost;
        Closing = _closing.Token;
    }

    /// <summary>Signalled when the writer is to end with a last write.</summary>
    public CancellationToken Closing { get; }

    /// <summary>Whether a change has waited longer to be on record than calls may come twice (law 17).</summary>
    public bool IsBehind => Interlocked.Read(ref _waitingSince) is not Nothing and var since && _time.GetElapsedTime(since) > _timing.Behind;

    public PartitionState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    public void Change(Func<PartitionState, PartitionState> change)
    {
        lock (_gate)
        {
            _state = change(_state);
            _version++;
            if (_waitingSince == Nothing)
                Interlocked.Exchange(ref _waitingSince, _time.GetTimestamp());
        }

        _changed.Writer.TryWrite(true);
    }

    /// <summary>Writes at once, and waits until all changes until now are written; false when they cannot be any more.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        long wanted;
        lock (_gate)
            wanted = _version;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lost);
        try
        {
            while (true)
            {
                Task progress;
                lock (_gate)
                {
                    if (_written >= wanted)
                        return true;
                    progress = _progress.Task;
                    // A write that is under way and holds it need not be followed by another at once.
                    if (_writing < wanted)
                        _urgent.TrySetResult();
                }

                await progress.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Makes <see cref="RunAsync"/> end with the last write, if one is due.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync();
        _changed.Writer.TryComplete();
    }

    public void Dispose() => _closing.Dispose();

    /// <summary>The loop; it may begin anew at any time.</summary>
    public async Task RunAsync()
    {
        // Off the caller's thread: a store may take its time before its first await.
        await Task.Yield();
        // The first change is our name; and a loop that broke off may have taken the sign and not written.
        _changed.Writer.TryWrite(true);
        while (await _changed.Reader.WaitToReadAsync(_lost))
        {
            _changed.Reader.TryRead(out _);
            var written = await WriteOnceAsync();
            if (!written)
                _changed.Writer.TryWrite(true);
            await WaitAsync(written);
        }

        for (var attempt = 0; attempt < LastAttempts && !await WriteOnceAsync(); attempt++)
            await Task.Delay(_timing.Retry, _time, _lost);
    }

    /// <summary>True when everything up to its beginning is on record.</summary>
    private async Task<bool> WriteOnceAsync()
    {
        PartitionState state;
        long version;
        var began = _time.GetTimestamp();
        lock (_gate)
        {
            (state, version) = (_state, _version);
            _writing = version;
            if (_urgent.Task.IsCompleted)
                _urgent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_written == version)
                return true;
        }

        _lost.ThrowIfCancellationRequested();
        _budget.Count();
        if (!await _write(state))
        {
            lock (_gate)
                _writing = _written;
            return false;
        }

        TaskCompletionSource progress;
        lock (_gate)
        {
            _written = version;
            // What came meanwhile came after the write began.
            Interlocked.Exchange(ref _waitingSince, _version == version ? Nothing : began);
            progress = _progress;
            _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        progress.SetResult();
        return true;
    }

    /// <summary>The pause between two writes. Closing ends it; so does somebody who waits, unless the store has just failed.</summary>
    private async Task WaitAsync(bool written)
    {
        Task urgent;
        lock (_gate)
            urgent = _urgent.Task;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Closing, _lost);
        var gather = Task.Delay(_budget.Gather, _time, either.Token);
        var pause = Task.Delay(written ? _budget.Pause : _timing.Retry, _time, either.Token);
        await Task.WhenAny(pause, written ? Task.WhenAll(urgent, gather) : pause);
        await either.CancelAsync();
        _lost.ThrowIfCancellationRequested();
    }
}
