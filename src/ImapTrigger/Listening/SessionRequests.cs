using System.Threading.Channels;
using ImapTrigger.Delivery;
using ImapTrigger.Imap;

namespace ImapTrigger.Listening;

/// <summary>
/// What deliveries want of the one session of their mailbox while it idles: the wishes queue here, the watch serves them between two phases
/// of IDLE. A wish that met a broken connection is served again by the next session, but not for ever: it may be what breaks it. A server that asks for patience
/// breaks nothing.
/// </summary>
internal sealed class SessionRequests
{
    /// <summary>A message that breaks the session when it is read costs its function an attempt.</summary>
    public const int ReadTries = 2;

    /// <summary>Broken connections say little of an action; so many in a row, each over it, say that it cannot be done.</summary>
    public const int ActTries = 8;

    private readonly Channel<IRequest> _requests = Channel.CreateUnbounded<IRequest>(new UnboundedChannelOptions { SingleReader = false });
    private IRequest? _again;
    private volatile bool _refused;

    private interface IRequest
    {
        bool IsCancelled { get; }

        int Tries { get; set; }

        int MaxTries { get; }

        Task RunAsync(ImapSession session, CancellationToken cancellationToken);

        void Fail(Exception e);
    }

    /// <summary>Raised when a request has come.</summary>
    public event Action? Arrived;

    public bool Any => Volatile.Read(ref _again) is not null || _requests.Reader.TryPeek(out _);

    /// <summary>Whether a session broke over a message that was read.</summary>
    public bool BrokeReading { get; private set; }

    /// <param name="command">What is wanted.</param>
    /// <param name="tries">How many connections may break over it: <see cref="ReadTries"/> or <see cref="ActTries"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WatchEndedException">The watch ends, so nobody will do it here.</exception>
    /// <exception cref="ImapSessionException">The server refused, or the connection broke each time.</exception>
    public async Task<T> AskAsync<T>(Func<ImapSession, CancellationToken, Task<T>> command, int tries, CancellationToken cancellationToken)
    {
        var request = new Request<T>(command, tries, cancellationToken);
        if (_refused || !_requests.Writer.TryWrite(request))
            throw new WatchEndedException();
        // Refused in between: whoever refuses has not seen it.
        if (_refused)
            FailAll();
        Arrived?.Invoke();
        return await request.Answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Serves all that wait.</summary>
    /// <exception cref="ImapSessionException">The session is broken.</exception>
    public async Task ServeAsync(ImapSession session, CancellationToken cancellationToken)
    {
        while (Interlocked.Exchange(ref _again, null) is { } request || _requests.Reader.TryRead(out request))
        {
            if (request.IsCancelled)
                continue;
            try
            {
                await request.RunAsync(session, cancellationToken);
            }
            catch (ImapSessionException e) when (!e.EndsSession)
            {
                request.Fail(e);
            }
            catch (Exception e)
            {
                var counts = e is not ImapSessionException { MayBeContent: false };
                BrokeReading = counts && request.MaxTries == ReadTries;
                if (!counts || ++request.Tries < request.MaxTries || cancellationToken.IsCancellationRequested)
                    Volatile.Write(ref _again, request);
                else
                    request.Fail(e);
                throw;
            }
        }
    }

    /// <summary>Nothing is served any more: who waits, and who asks later, is told so.</summary>
    public void Close()
    {
        _requests.Writer.TryComplete();
        FailAll();
    }

    /// <summary>Until <see cref="Accept"/>, who waits and who asks is told that nobody will do it here: the UIDs that they name mean other messages now.</summary>
    public void Refuse()
    {
        _refused = true;
        FailAll();
    }

    public void Accept() => _refused = false;

    private void FailAll()
    {
        while (Interlocked.Exchange(ref _again, null) is { } request || _requests.Reader.TryRead(out request))
            request.Fail(new WatchEndedException());
    }

    private sealed class Request<T>(Func<ImapSession, CancellationToken, Task<T>> command, int tries, CancellationToken cancelled) : IRequest
    {
        public int MaxTries => tries;

        public TaskCompletionSource<T> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsCancelled => cancelled.IsCancellationRequested;

        public int Tries { get; set; }

        public async Task RunAsync(ImapSession session, CancellationToken cancellationToken) => Answer.TrySetResult(await command(session, cancellationToken));

        public void Fail(Exception e) => Answer.TrySetException(e);
    }
}
