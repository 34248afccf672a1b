using System.Threading.Channels;
using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using MimeKit;

namespace ImapTrigger.Listening;

/// <summary>
/// Whole messages that functions ask for while the one session of their mailbox idles: they queue here, the watch serves them
/// between two phases of IDLE. One connection per mailbox, whatever the functions want.
/// </summary>
internal sealed class MessageRequests
{
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Raised when a request has come.</summary>
    public event Action? Arrived;

    public bool Any => _requests.Reader.TryPeek(out _);

    /// <summary>Asks for a message; null when it is gone.</summary>
    /// <exception cref="WatchEndedException">The watch ends, so nobody will fetch it here.</exception>
    public async Task<MimeMessage?> ReadAsync(uint uid, CancellationToken cancellationToken)
    {
        var request = new Request(uid, cancellationToken);
        if (!_requests.Writer.TryWrite(request))
            throw new WatchEndedException();
        Arrived?.Invoke();
        return await request.Answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Serves all that wait. A failure of the session fails the request it happened in; the others wait for the next session.</summary>
    public async Task ServeAsync(ImapSession session, CancellationToken cancellationToken)
    {
        while (_requests.Reader.TryRead(out var request))
        {
            if (request.Cancelled.IsCancellationRequested)
                continue;
            try
            {
                request.Answer.TrySetResult(await session.ReadMessageAsync(request.Uid, cancellationToken));
            }
            catch (Exception e)
            {
                request.Answer.TrySetException(e);
                throw;
            }
        }
    }

    /// <summary>Nothing is served any more: who waits, and who asks later, is told so.</summary>
    public void Close()
    {
        _requests.Writer.TryComplete();
        while (_requests.Reader.TryRead(out var request))
            request.Answer.TrySetException(new WatchEndedException());
    }

    private sealed record Request(uint Uid, CancellationToken Cancelled)
    {
        public TaskCompletionSource<MimeMessage?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
