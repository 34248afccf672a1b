using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace ImapTrigger.Listening;

/// <summary>The mailbox for its deliveries, by requests to the session that watches it.</summary>
internal sealed class MailboxAccess(MailboxSource source, SessionRequests requests, ICursorLog log, ILogger logger) : IMailboxAccess
{
    private int _saidNotExpunged;

    public Task<MimeMessage?> ReadAsync(uint uid, CancellationToken cancellationToken) =>
        requests.AskAsync((session, token) => session.ReadMessageAsync(uid, token), cancellationToken);

    public Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken) =>
        requests.AskAsync((session, token) => session.ReadRawAsync(uid, token), cancellationToken);

    public async Task<string?> ApplyAsync(uint uid, AfterAction action, CancellationToken cancellationToken)
    {
        try
        {
            var expunged = await requests.AskAsync((session, token) => ApplyAsync(session, uid, action, token), cancellationToken);
            if (!expunged && Interlocked.Exchange(ref _saidNotExpunged, 1) == 0)
                logger.NotExpunged(source);
            return null;
        }
        catch (ImapSessionException e)
        {
            return e.Message;
        }
    }

    /// <summary>False when the message is only flagged as deleted.</summary>
    private async Task<bool> ApplyAsync(ImapSession session, uint uid, AfterAction action, CancellationToken cancellationToken)
    {
        // Asked here, where nothing comes between: a process that was frozen may wake up in this line.
        if (!log.IsHeld)
            throw new WatchEndedException();
        switch (action.Kind)
        {
            case AfterActionKind.Seen:
                await session.AddFlagAsync(uid, keyword: null, cancellationToken);
                return true;
            case AfterActionKind.Keyword:
                await session.AddFlagAsync(uid, action.Argument, cancellationToken);
                return true;
            case AfterActionKind.Move:
                return await session.MoveAsync(uid, action.Argument!, cancellationToken);
            case AfterActionKind.Delete:
                return await session.DeleteAsync(uid, cancellationToken);
            default:
                return true;
        }
    }
}
