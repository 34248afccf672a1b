using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using MailKit;

namespace ImapTrigger.Imap;

/// <summary>
/// What the server said of the selected folder and nobody has read yet. MailKit raises its events on the thread that reads the
/// connection, so the handlers here only enqueue (law 6). Bounded in number and in size: a server that floods us costs the oldest updates, not memory.
/// </summary>
internal sealed class UpdateQueue(ServerText said)
{
    private const int Capacity = 10_000;
    private const int MaxFlags = 100;
    private const int MaxRanges = 1000;
    private const int MaxLine = 2000;

    /// <summary>Characters, or what takes as much.</summary>
    private const long MaxSize = 4_000_000;

    private readonly Channel<IdleUpdate> _updates = Channel.CreateUnbounded<IdleUpdate>();
    private long _size;
    private int _count;

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
    public void Fail(ImapSessionException error) => _updates.Writer.TryComplete(error);

    /// <summary>Takes what is there at once.</summary>
    public IReadOnlyList<IdleUpdate> Drain()
    {
        if (!TryTake(out var first))
            return [];
        var updates = new List<IdleUpdate> { first };
        while (updates.Count < Capacity && TryTake(out var next))
            updates.Add(next);
        return updates;
    }

    /// <summary>Waits for the first update, or for the time to pass, then takes what is there.</summary>
    /// <exception cref="ImapSessionException">The session has failed and everything it said before has been read.</exception>
    public async Task<IReadOnlyList<IdleUpdate>> TakeAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        var updates = Drain();
        if (updates.Count > 0)
            return updates;
        if (wait == TimeSpan.Zero)
        {
            // A failure shows even to those who never wait.
            if (_updates.Reader.Completion.IsFaulted)
                await _updates.Reader.Completion;
            return [];
        }

        using var timer = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _updates.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }

        return Drain();
    }
    private void Add(IdleUpdate update)
    {
        Interlocked.Add(ref _size, SizeOf(update));
        Interlocked.Increment(ref _count);
        _updates.Writer.TryWrite(update);
        while ((Volatile.Read(ref _count) > Capacity || Interlocked.Read(ref _size) > MaxSize) && TryTake(out _))
        {
            // The oldest go.
        }
    }

    private bool TryTake([MaybeNullWhen(false)] out IdleUpdate update)
    {
        if (!_updates.Reader.TryRead(out update))
            return false;
        Interlocked.Add(ref _size, -SizeOf(update));
        Interlocked.Decrement(ref _count);
        return true;
    }

    private static int SizeOf(IdleUpdate update) => update switch
    {
        FlagsUpdate flags => flags.Flags.Sum(flag => flag.Length),
        VanishedUpdate vanished => vanished.Ranges.Count * 4,
        RawUpdate raw => raw.Line.Length,
        _ => 0,
    };
}
