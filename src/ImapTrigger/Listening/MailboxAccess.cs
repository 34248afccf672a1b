using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>The mailbox for its deliveries, by requests to the session that watches it.</summary>
internal sealed class MailboxAccess(MailboxSource source, SessionRequests requests, ICursorLog log, ILogger logger) : IMailboxAccess
{
    private readonly ConcurrentDictionary<AfterAction, bool> _loops = new();
    private int _saidNotExpunged;

    public Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken) =>
        requests.AskAsync((session, token) => session.ReadRawAsync(uid, token), cancellationToken);

    public async Task<string?> ApplyAsync(uint uid, AfterAction action, CancellationToken cancellationToken)
    {
        // It has been refused once, and would be for every message.
        if (_loops.ContainsKey(action))
            return null;
        try
        {
            var outcome = await requests.AskAsync((session, token) => ApplyAsync(session, uid, action, token), cancellationToken);
            if (outcome == ActionOutcome.OnlyFlagged && Interlocked.Exchange(ref _saidNotExpunged, 1) == 0)
                logger.NotExpunged(source);
            return outcome == ActionOutcome.ToItself && _loops.TryAdd(action, true)
                ? $"'{action.Argument}' is another name of the folder that is watched, {source.Folder}: each message would come back as a new one, for ever. "
                    + "It is not tried again, and this is said only once; name another folder."
                : null;
        }
        catch (ImapSessionException e)
        {
            return e.Message;
        }
    }

    private async Task<ActionOutcome> ApplyAsync(ImapSession session, uint uid, AfterAction action, CancellationToken cancellationToken)
    {
        // Asked here, where nothing comes between: a process that was frozen may wake up in this line.
        if (!log.IsHeld)
            throw new WatchEndedException();
        switch (action.Kind)
        {
            case AfterActionKind.Seen:
                await session.AddFlagAsync(uid, keyword: null, cancellationToken);
                return ActionOutcome.Done;
            case AfterActionKind.Keyword:
                await session.AddFlagAsync(uid, action.Argument, cancellationToken);
                return ActionOutcome.Done;
            case AfterActionKind.Move:
                return await session.MoveAsync(uid, action.Argument!, cancellationToken);
            case AfterActionKind.Delete:
                return await session.DeleteAsync(uid, cancellationToken) ? ActionOutcome.Done : ActionOutcome.OnlyFlagged;
            default:
                return ActionOutcome.Done;
        }
    }
}
