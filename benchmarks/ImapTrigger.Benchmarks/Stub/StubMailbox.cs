using System.Diagnostics;

namespace ImapTrigger.Benchmarks.Stub;

/// <summary>Messages 1 to <see cref="Count"/>, UID and sequence number alike; nothing is ever removed.</summary>
internal sealed class StubMailbox
{
    private readonly object _lock = new();
    private StubConnection? _watching;

    public int Count { get; private set; }

    public bool IsIdling
    {
        get
        {
            lock (_lock)
                return _watching is not null;
        }
    }

    /// <summary>When the last message was announced, DONE came, FETCH came, its answer was written; by <see cref="Stopwatch"/>.</summary>
    public (long Announced, long Done, long Asked, long Answered) Last { get; set; }

    /// <summary>New messages; who idles is told at once. Returns when it was told, or now.</summary>
    public long Append(int count = 1)
    {
        lock (_lock)
        {
            Count += count;
            var now = Stopwatch.GetTimestamp();
            Last = (now, 0, 0, 0);
            _watching?.Announce(Count);
            return now;
        }
    }

    /// <summary>From here on the connection hears of what comes.</summary>
    public void Begin(StubConnection connection, int told)
    {
        lock (_lock)
        {
            _watching = connection;
            if (Count > told)
                connection.Announce(Count);
        }
    }

    public void End(StubConnection connection)
    {
        lock (_lock)
        {
            if (_watching == connection)
                _watching = null;
        }
    }
}
