using System.Collections.Concurrent;
using ImapTrigger.Imap;

namespace ImapTrigger.Listening;

/// <summary>
/// Lets few connections to one server be made at a time, and none while it asks for patience: hundreds of mailboxes that lose their server
/// together must not storm it together (law 8). Who has waited longest is next. One for the whole process.
/// </summary>
internal sealed class ConnectGate(TimeProvider time)
{
    /// <summary>How long a host is left alone that does not say for how long. Whom it refused waits longer and longer; but it may mean that one alone.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private const int AtOnce = 16;
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

    /// <summary>A session has failed: closes the host's gate if, and only if, the server asks for patience.</summary>
    public void Heed(string host, Exception e)
    {
        if (e is ImapSessionException { Error: ImapSessionError.Throttled } throttled)
            _hosts.GetOrAdd(host, static _ => new Host()).Close(throttled.RetryAfter ?? Pause, time);
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
