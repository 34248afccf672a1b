using System.Collections.Concurrent;

namespace ImapTrigger.Listening;

/// <summary>
/// Lets few connections to one server be made at a time, and none while it asks for patience: hundreds of mailboxes that lose their server
/// together must not storm it together (law 8). One for the whole process.
/// </summary>
internal sealed class ConnectGate(TimeProvider time)
{
    /// <summary>How long a host is left alone that asks for patience and does not say for how long. Whom it refused waits longer; it may mean that one alone.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private const int AtOnce = 4;
    private readonly ConcurrentDictionary<string, Host> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits for a place; dispose the answer when the connection is made or has failed.</summary>
    public async Task<IDisposable> EnterAsync(string host, CancellationToken cancellationToken)
    {
        var gate = _hosts.GetOrAdd(host, static _ => new Host());
        await gate.Places.WaitAsync(cancellationToken);
        try
        {
            while (gate.Left(time) is { Ticks: > 0 } left)
                await Task.Delay(left, time, cancellationToken);
            return new Place(gate);
        }
        catch
        {
            gate.Places.Release();
            throw;
        }
    }

    /// <summary>The server wants to be left alone for so long.</summary>
    public void Close(string host, TimeSpan duration)
    {
        _hosts.GetOrAdd(host, static _ => new Host()).Close(duration, time);
    }

    private sealed class Host
    {
        private readonly object _closing = new();
        private TimeSpan _closedFor;
        private long _closedAt;

        public SemaphoreSlim Places { get; } = new(AtOnce);

        /// <summary>For how long it stays closed, by the monotonic clock: the other may jump.</summary>
        public TimeSpan Left(TimeProvider time)
        {
            lock (_closing)
                return _closedFor - time.GetElapsedTime(_closedAt);
        }

        /// <summary>A shorter wish does not shorten a longer one.</summary>
        public void Close(TimeSpan duration, TimeProvider time)
        {
            lock (_closing)
            {
                if (duration > _closedFor - time.GetElapsedTime(_closedAt))
                    (_closedFor, _closedAt) = (duration, time.GetTimestamp());
            }
        }
    }

    private sealed class Place(Host host) : IDisposable
    {
        public void Dispose() => host.Places.Release();
    }
}
