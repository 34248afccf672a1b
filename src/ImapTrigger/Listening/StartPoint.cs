using System.Collections.Immutable;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>From where on a folder is delivered: from its cursor; from now at the first start; by the policy when UIDVALIDITY has changed.</summary>
internal sealed class StartPoint(MailboxSource source, UidValidityPolicy policy, TimeProvider time, ILogger logger)
{
    /// <summary>The server's clock and ours may differ by so much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>The cursor to go on from; another one than the recorded has to be put on record first.</summary>
    public async Task<MailboxCursor> FindAsync(ImapSession session, SelectedFolder folder, MailboxCursor? recorded, CancellationToken cancellationToken)
    {
        if (recorded?.UidValidity == folder.UidValidity)
            return recorded;

        var last = folder.UidNext is { } next ? next - 1 : (await session.SearchAsync(0, cancellationToken)) is [.., var highest] ? highest : 0;
        var fromNow = new MailboxCursor { UidValidity = folder.UidValidity, LastUid = last, LastDate = time.GetUtcNow() - ClockSkew };
        if (recorded is null)
        {
            logger.FirstStart(source, last);
            return fromNow;
        }

        var (cursor, what) = policy switch
        {
            UidValidityPolicy.StartOver => (fromNow with { LastUid = 0, LastDate = null }, "every message is delivered again"),
            UidValidityPolicy.Continue => await ContinueAsync(session, recorded, fromNow, cancellationToken),
            _ => (fromNow, $"begins after UID {last}; what arrived in between is not delivered"),
        };
        logger.UidValidityChanged(source, recorded.UidValidity, folder.UidValidity, policy, what);
        return cursor;
    }

    private static async Task<(MailboxCursor Cursor, string What)> ContinueAsync(
        ImapSession session, MailboxCursor recorded, MailboxCursor fromNow, CancellationToken cancellationToken)
    {
        var since = recorded.UnsettledSince ?? DateTimeOffset.MinValue;
        var delivered = recorded.Recent.ToHashSet();
        var arrivals = await session.FetchArrivalsAsync(since, cancellationToken);
        var unsettled = arrivals
            .Where(arrival => arrival.Uid <= fromNow.LastUid && arrival.Date >= since && (arrival.MessageId is null || !delivered.Contains(CursorTracker.HashOf(arrival.MessageId))))
            .ToImmutableSortedDictionary(arrival => arrival.Uid, arrival => new OpenMessage(Date: arrival.Date));
        return (fromNow with { LastDate = recorded.LastDate, Recent = recorded.Recent, Open = unsettled },
            $"{unsettled.Count} messages that arrived since {recorded.UnsettledSince:u} and were not delivered come next");
    }
}
