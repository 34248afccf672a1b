using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// Brings the line up to date: everything above the cursor is fetched by UID and enqueued. What IDLE announced decides only how the
/// question is put, never what is new (law 2).
/// </summary>
internal sealed class CatchUp(ImapSession session, DeliveryLine line, MailboxSource source, ILogger logger)
{
    /// <summary>Messages per FETCH: the first call begins early and memory stays flat, however long the backlog.</summary>
    public const int Portion = 250;

    /// <summary>So few announced messages are fetched without a SEARCH before, which saves a round trip.</summary>
    private const int Few = 20;

    private int _count = session.Folder!.Count;

    /// <summary>First in a session: what an earlier owner or session left open and nobody works on.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var open = line.Cursor.Snapshot().Open.Keys.ToArray();
        foreach (var portion in open.Chunk(Portion))
        {
            var messages = await session.FetchAsync(portion, cancellationToken);
            foreach (var gone in portion.Except(messages.Select(message => message.Uid)))
            {
                logger.OpenMessageGone(source, gone);
                line.Cursor.Settle(gone);
            }

            line.Pump.Enqueue(messages);
        }

        if (open.Length > 0)
            logger.Resumed(source, open.Length);
    }

    /// <summary>Fetches what is new, as far as there is room for it. False: there is more.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var announced = Announced();
        if (announced is > 0 and <= Few && line.Pump.Room >= Portion)
        {
            line.Pump.Enqueue(await session.FetchAsync(line.Cursor.LastUid, cancellationToken));
            return true;
        }

        var uids = await session.SearchAsync(line.Cursor.LastUid, cancellationToken);
        foreach (var portion in uids.Chunk(Portion))
        {
            if (line.Pump.Room < portion.Length)
                return false;
            line.Pump.Enqueue(await session.FetchAsync(portion, cancellationToken));
        }

        return true;
    }

    /// <summary>How many messages more there seem to be since the last look; what was announced until now is read off.</summary>
    private int Announced()
    {
        var exists = session.DrainUpdates().OfType<ExistsUpdate>().LastOrDefault();
        if (exists is null)
            return 0;
        var more = exists.Count - _count;
        _count = exists.Count;
        return more;
    }
}
