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

        var cursor = policy switch
        {
            UidValidityPolicy.StartOver => fromNow with { LastUid = 0, LastDate = null },
            UidValidityPolicy.Continue => fromNow with { LastDate = recorded.LastDate, Recent = recorded.Recent, Open = await FindUnsettledAsync(session, recorded, last, cancellationToken) },
            _ => fromNow,
        };
        logger.UidValidityChanged(source, recorded.UidValidity, folder.UidValidity, policy, policy switch
        {
            UidValidityPolicy.StartOver => "every message is delivered again",
            UidValidityPolicy.Continue => $"{cursor.Open.Count} messages that arrived since {recorded.UnsettledSince:u} and were not delivered come next",
            _ => $"begins after UID {last}; what arrived in between is not delivered",
        });
        return cursor;
    }

    private static async Task<ImmutableSortedDictionary<uint, OpenMessage>> FindUnsettledAsync(
        ImapSession session, MailboxCursor recorded, uint last, CancellationToken cancellationToken)
    {
        var since = recorded.UnsettledSince ?? DateTimeOffset.MinValue;
        var delivered = recorded.Recent.ToHashSet();
        var arrivals = await session.FetchArrivalsAsync(since, cancellationToken);
        return arrivals
            .Where(arrival => arrival.Uid <= last && arrival.Date >= since && (arrival.MessageId is null || !delivered.Contains(CursorTracker.HashOf(arrival.MessageId))))
            .ToImmutableSortedDictionary(arrival => arrival.Uid, arrival => new OpenMessage(Date: arrival.Date));
    }
}
