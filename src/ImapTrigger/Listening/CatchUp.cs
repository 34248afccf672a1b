using System.Diagnostics;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// Brings the line up to date in one session: everything above the cursor is fetched by UID and enqueued. What IDLE announced decides
/// only how the question is put, never what is new (law 2).
/// </summary>
internal sealed class CatchUp(ImapSession session, DeliveryLine line, FetchCare care, MailboxSource source, ILogger logger)
{
    /// <summary>Messages per FETCH: the first call begins early and memory stays flat, however long the backlog.</summary>
    public const int Portion = 250;

    /// <summary>So few announced messages are fetched without a SEARCH before, which saves a round trip.</summary>
    private const int Few = 20;

    private int _count = session.Folder!.Count;
    private int _announced = session.Folder.Count;
    private int _owed;

    /// <summary>First in a session: what an earlier owner left open and nobody works on yet.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (line.Unresumed.Count == 0)
            return;
        logger.Resumed(source, line.Unresumed.Count);
        foreach (var portion in line.Unresumed.ToArray().Chunk(Portion))
        {
            var found = await FetchAsync(portion, cancellationToken);
            foreach (var gone in portion.Except(found))
            {
                logger.OpenMessageGone(source, gone);
                line.Drop(gone);
            }
        }
    }

    /// <summary>Takes note of what the server said while it idled.</summary>
    public void Hear(IEnumerable<IdleUpdate> updates) => _announced = updates.OfType<ExistsUpdate>().LastOrDefault()?.Count ?? _announced;

    /// <summary>Looks for what is new and fetches it, as far as there is room for it.</summary>
    public async Task<CatchUpResult> RunAsync(CancellationToken cancellationToken)
    {
        using var receive = Tracing.StartReceive(source.Account.Host, source.Folder);
        try
        {
            var look = await LookAsync(cancellationToken);
            receive?.SetTag(TagNames.MessageCount, look.Found);
            return look;
        }
        catch (Exception e)
        {
            receive?.SetTag(TagNames.Error, e.GetType().FullName).SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private async Task<CatchUpResult> LookAsync(CancellationToken cancellationToken)
    {
        var announced = Announced();
        if (announced is > 0 and <= Few && line.Pump.Room >= Portion)
        {
            // Should one of them not be readable, the next session finds out which: it begins with a SEARCH.
            var messages = await session.FetchAsync(line.Cursor.LastUid, cancellationToken);
            line.Enqueue(messages);
            return CaughtUp(messages.Count);
        }

        var uids = await session.SearchAsync(line.Cursor.LastUid, cancellationToken);
        var found = 0;
        foreach (var portion in uids.Chunk(Portion))
        {
            if (line.Pump.Room < portion.Length)
                return new CatchUpResult(found, CaughtUp: false, Short: false);
            await FetchAsync(portion, cancellationToken);
            found += portion.Length;
        }

        line.CaughtUp();
        return CaughtUp(found);
    }

    /// <summary>Fetches and enqueues; returns the UIDs that were there.</summary>
    private async Task<IReadOnlyCollection<uint>> FetchAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        if (uids.Any(uid => care.ScopeOf(uid) != FetchScope.All))
            return await FetchOneByOneAsync(uids, cancellationToken);
        try
        {
            var messages = await session.FetchAsync(uids, cancellationToken);
            line.Enqueue(messages);
            return messages.Select(message => message.Uid).ToHashSet();
        }
        catch (ImapSessionException e) when (e.Error == ImapSessionError.ProtocolError)
        {
            logger.MetadataUnreadable(source, uids[0], uids[^1]);
            care.Suspect(uids);
            throw;
        }
    }

    private async Task<IReadOnlyCollection<uint>> FetchOneByOneAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var found = new HashSet<uint>();
        foreach (var uid in uids)
        {
            try
            {
                if (await session.FetchOneAsync(uid, care.ScopeOf(uid), cancellationToken) is { } message)
                {
                    line.Enqueue([message]);
                    found.Add(uid);
                }
            }
            catch (ImapSessionException e) when (e.Error == ImapSessionError.ProtocolError)
            {
                care.SuspectMore(uid);
                throw;
            }

            care.Fetched(uid);
        }

        return found;
    }

    /// <summary>Gives up what was announced and did not come.</summary>
    public void Forgive() => _owed = 0;

    /// <summary>How many messages more there seem to be than were found.</summary>
    private int Announced()
    {
        Hear(session.DrainUpdates());
        _owed = Math.Max(0, _owed + _announced - _count);
        _count = _announced;
        return _owed;
    }

    private CatchUpResult CaughtUp(int found)
    {
        _owed = Math.Max(0, _owed - found);
        return new CatchUpResult(found, CaughtUp: true, Short: _owed > 0);
    }
}
