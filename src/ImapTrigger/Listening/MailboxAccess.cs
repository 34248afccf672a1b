using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Supervision;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>The mailbox for its deliveries, by requests to the session that watches it.</summary>
internal sealed class MailboxAccess(MailboxSource source, SessionRequests requests, ICursorLog log, CopySearch copies, TimeProvider time, ILogger logger) : IMailboxAccess
{
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly ConcurrentDictionary<AfterAction, bool> _loops = new();
    private int _saidNotExpunged;

    public Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken) =>
        requests.AskAsync((session, token) => session.ReadRawAsync(uid, token), SessionRequests.ReadTries, cancellationToken);

    public async Task<string?> ApplyAsync(uint uid, AfterAction action, bool again, CancellationToken cancellationToken)
    {
        // It has been refused once, and would be for every message.
        if (_loops.ContainsKey(action))
            return "";
        var began = time.GetTimestamp();
        for (var refusals = 1; ; refusals++)
        {
            try
            {
                return Tell(action, await requests.AskAsync(ActAsync, SessionRequests.ActTries, cancellationToken));
            }
            catch (ImapSessionException e) when (Retry.After(refusals) is var wait && time.GetElapsedTime(began) + wait <= e.Patience)
            {
                logger.ActionLater(source, action, uid, wait, source.Told(e));
                await Task.Delay(wait, time, cancellationToken);
            }
            catch (ImapSessionException e)
            {
                return e.Message;
            }
        }

        async Task<ActionOutcome> ActAsync(ImapSession session, CancellationToken token)
        {
            // Asked here, where nothing comes between: a process that was frozen may wake up in this line.
            if (!log.IsHeld)
                throw new WatchEndedException();
            if (again && action.Kind == AfterActionKind.Copy && await IsCopiedAsync(session, uid, action.Argument!, token))
                return ActionOutcome.Done;
            if (again && action.Kind == AfterActionKind.Move && !session.CanMove && await IsCopiedAsync(session, uid, action.Argument!, token))
                return await session.DeleteAsync(uid, token) ? ActionOutcome.Done : ActionOutcome.OnlyFlagged;
            // Whatever ends this, it may have been done.
            again = true;
            return await ApplyAsync(session, uid, action, token);
        }
    }

    private string? Tell(AfterAction action, ActionOutcome outcome)
    {
        if (outcome == ActionOutcome.OnlyFlagged && Interlocked.Exchange(ref _saidNotExpunged, 1) == 0)
            logger.NotExpunged(source);
        if (outcome != ActionOutcome.ToItself)
            return null;
        return _loops.TryAdd(action, true)
            ? $"'{action.Argument}' is another name of the folder that is watched, {source.Folder}: each message would come back as a new one, for ever. "
                + "It is not tried again, and this is said only once; name another folder."
            : "";
    }

    /// <summary>What cannot be known again is copied once more: two copies are better than none.</summary>
    private async Task<bool> IsCopiedAsync(IFolderView folder, uint uid, string target, CancellationToken cancellationToken) =>
        (await folder.FetchArrivalsAsync([new UidRange(uid, uid)], messageIds: true, cancellationToken)).FirstOrDefault(arrival => arrival.Uid == uid)
            is { Date: not null, Size: > 0 and < int.MaxValue } original
        && await copies.FindAsync(original, target, cancellationToken);

    private static async Task<ActionOutcome> ApplyAsync(ImapSession session, uint uid, AfterAction action, CancellationToken cancellationToken)
    {
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
            case AfterActionKind.Copy:
                return await session.CopyAsync(uid, action.Argument!, cancellationToken);
            case AfterActionKind.Delete:
                return await session.DeleteAsync(uid, cancellationToken) ? ActionOutcome.Done : ActionOutcome.OnlyFlagged;
            default:
                return ActionOutcome.Done;
        }
    }
}
