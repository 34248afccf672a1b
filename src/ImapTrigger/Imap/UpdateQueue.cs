using MailKit;

namespace ImapTrigger.Imap;

/// <summary>
/// What the server said of the selected folder and nobody has read yet. MailKit raises its events on the thread that reads the
/// connection, so the handlers here only enqueue, and at most send DONE (law 6). Bounded in number and in size: a server that floods us costs the oldest updates, not memory.
/// </summary>
internal sealed class UpdateQueue(ServerText said)
{
    private const int Capacity = 10_000;
    private const int MaxFlags = 100;
    private const int MaxRanges = 1000;
    private const int MaxLine = 2000;

    /// <summary>Characters, or what takes as much.</summary>
    private const long MaxSize = 4_000_000;

    private readonly object _gate = new();
    private readonly Queue<IdleUpdate> _updates = new();
    private TaskCompletionSource? _waiting;
    private ImapSessionException? _error;
    private bool _isInterrupted;
    private long _size;

    /// <summary>Whether an update is answered where it is read: then who waits is woken by <see cref="Release"/>. Null for none.</summary>
    public Func<IdleUpdate, bool>? IsAnswered { get; set; }

    public void Attach(IMailFolder folder)
    {
        folder.CountChanged += (_, _) => Add(new ExistsUpdate(folder.Count));
        folder.RecentChanged += (_, _) => Add(new RecentUpdate(folder.Recent));
        folder.MessageExpunged += (_, e) => Add(new ExpungeUpdate(e.Index + 1));
        folder.MessagesVanished += (_, e) => Add(new VanishedUpdate(UidSets.First(e.UniqueIds, MaxRanges)));
        folder.MessageFlagsChanged += (_, e) => Add(new FlagsUpdate(
            e.Index + 1, e.UniqueId?.Id, [.. EventMapper.FlagNames(e.Flags), .. EventMapper.Texts(e.Keywords.Take(MaxFlags))]));
    }

    /// <summary>A line that raises no event.</summary>
    public void Add(string line) => Add(new RawUpdate(said.Clean(line, MaxLine)));

    /// <summary>Nothing will come any more: whoever waits gets what is left, then this error.</summary>
    public void Fail(ImapSessionException error)
    {
        lock (_gate)
            _error ??= error;
        Wake();
    }

    /// <summary>Ends the wait that is, or that comes next, although nothing has come.</summary>
    public void Interrupt()
    {
        lock (_gate)
            _isInterrupted = true;
        Wake();
    }

    /// <summary>Who waits goes on, on this thread.</summary>
    public void Release() => TakeWaiting()?.TrySetResult();

    /// <summary>Takes what is there at once.</summary>
    public IReadOnlyList<IdleUpdate> Drain()
    {
        lock (_gate)
        {
            if (_updates.Count == 0)
                return [];
            IdleUpdate[] updates = [.. _updates];
            _updates.Clear();
            // An idle mailbox keeps nothing of a flood.
            _updates.TrimExcess();
            _size = 0;
            return updates;
        }
    }

    /// <summary>Waits for the first update, or for the time to pass, then takes what is there.</summary>
    /// <exception cref="ImapSessionException">The session has failed and everything it said before has been read.</exception>
    public async Task<IReadOnlyList<IdleUpdate>> TakeAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            if (_updates.Count > 0)
                return Drain();
            // A failure shows even to those who never wait.
            ThrowIfFailed();
            if (wait == TimeSpan.Zero || _isInterrupted)
            {
                _isInterrupted = false;
                return [];
            }

            // Whoever wakes it decides on which thread it goes on.
            _waiting = waiting = new TaskCompletionSource();
        }

        await using (time.CreateTimer(static waiting => ((TaskCompletionSource)waiting!).TrySetResult(), waiting, wait, Timeout.InfiniteTimeSpan))
        await using (cancellationToken.UnsafeRegister(static waiting => Wake((TaskCompletionSource)waiting!), waiting))
            await waiting.Task;
        lock (_gate)
        {
            _waiting = null;
            _isInterrupted = false;
            if (_updates.Count > 0)
                return Drain();
            ThrowIfFailed();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return [];
    }

    private void Add(IdleUpdate update)
    {
        lock (_gate)
        {
            _updates.Enqueue(update);
            _size += SizeOf(update);
            // The oldest go.
            while (_updates.Count > Capacity || _size > MaxSize)
                _size -= SizeOf(_updates.Dequeue());
        }

        if (IsAnswered?.Invoke(update) != true)
            Wake();
    }

    private void ThrowIfFailed()
    {
        if (_error is not null)
            throw _error;
    }

    private TaskCompletionSource? TakeWaiting()
    {
        lock (_gate)
        {
            var waiting = _waiting;
            _waiting = null;
            return waiting;
        }
    }

    /// <summary>Not on this thread, which may be the one that reads.</summary>
    private void Wake()
    {
        if (TakeWaiting() is { } waiting)
            Wake(waiting);
    }

    private static void Wake(TaskCompletionSource waiting) =>
        ThreadPool.UnsafeQueueUserWorkItem(static waiting => waiting.TrySetResult(), waiting, preferLocal: false);

    private static int SizeOf(IdleUpdate update) => update switch
    {
        FlagsUpdate flags => flags.Flags.Sum(flag => flag.Length),
        VanishedUpdate vanished => vanished.Ranges.Count * 4,
        RawUpdate raw => raw.Line.Length,
        _ => 0,
    };
}
