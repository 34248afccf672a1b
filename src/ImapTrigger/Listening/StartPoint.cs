using System.Collections.Immutable;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>From where on a folder is delivered: from its cursor; from now at the first start; by the policy when the server has numbered its messages anew.</summary>
internal sealed class StartPoint(MailboxSource source, Adoption? adoption, UidValidityPolicy policy, TimeProvider time, ILogger logger)
{
    /// <summary>So many of the messages that are there at the first start are remembered, to be known should they be numbered anew.</summary>
    private const int Remembered = 50;

    /// <summary>The server's clock may be so far ahead of ours.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private bool _unreadable;

    /// <summary>Whether a cursor's UIDs still mean what they meant.</summary>
    public static async Task<bool> HoldsAsync(IFolderView folder, MailboxCursor cursor, CancellationToken cancellationToken) =>
        cursor.UidValidity == folder.Selected.UidValidity && !await HasGoneBackAsync(folder, cursor, cancellationToken);

    /// <summary>Another cursor than the recorded, to be put on record before anything else.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recorded">The cursor that does not hold any more; null at the first start.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FickleUidValidityException">The folder has to be opened by SELECT.</exception>
    public async Task<MailboxCursor> FindAsync(IFolderView folder, MailboxCursor? recorded, CancellationToken cancellationToken)
    {
        var selected = folder.Selected;
        // Courier numbers a folder that nobody has SELECTed anew at each EXAMINE.
        var status = await folder.StatusAsync(cancellationToken);
        if (selected.IsReadOnly && status?.UidValidity is { } now && now != selected.UidValidity)
            throw new FickleUidValidityException();

        var since = recorded?.WantedSince;
        if (recorded is null or { WantedSince: not null })
        {
            recorded = adoption is null ? null : await adoption.FindAsync(source, folder, cancellationToken);
            if (recorded?.WantedSince is { } earlier)
                (recorded, since) = (null, earlier < since ? earlier : since);
            if (recorded is not null && await HoldsAsync(folder, recorded, cancellationToken))
                return recorded;
        }

        var fromNow = await FromNowAsync(folder, recorded is null ? since : null, cancellationToken);
        if (recorded is null)
            return await FirstAsync(folder, fromNow, since ?? time.GetUtcNow(), cancellationToken);

        var (cursor, what) = policy switch
        {
            UidValidityPolicy.StartOver => (new MailboxCursor { UidValidity = selected.UidValidity, LastUid = 0 }, "every message is delivered again"),
            UidValidityPolicy.Continue => await ContinueAsync(folder, recorded, fromNow, cancellationToken),
            _ => (fromNow, $"begins after UID {fromNow.LastUid}; what arrived in between is not delivered"),
        };
        logger.UidValidityChanged(source, recorded.UidValidity, selected.UidValidity, policy, what);
        return cursor;
    }

    /// <summary>The very first cursor of this mailbox, as the attribute says.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fromNow">Begins with what comes now.</param>
    /// <param name="wanted">Since when the mailbox is wanted: what came later is new in any case.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<MailboxCursor> FirstAsync(IFolderView folder, MailboxCursor fromNow, DateTimeOffset wanted, CancellationToken cancellationToken)
    {
        var since = source.Start.Since(wanted);
        if (folder.Selected.Count == 0 || !(source.Start.All || source.Start.Unseen || since < wanted))
        {
            logger.FirstStart(source, fromNow.LastUid);
            return fromNow;
        }

        // From the first message on, for dates need not rise with UIDs; what is not wanted is passed over when its turn comes.
        var highest = await LastArrivalsAsync(folder, cancellationToken) is [.., var last] ? last.Uid : fromNow.LastUid;
        var cursor = new MailboxCursor
        {
            UidValidity = fromNow.UidValidity,
            LastUid = since is { } date ? await BeforeFirstSinceAsync(folder, date, highest, cancellationToken) : 0,
            StartBacklog = source.Start.All ? null : new StartBacklog(highest, since ?? wanted, source.Start.Unseen),
        };
        logger.FirstStartWithBacklog(source, source.Start.Text, cursor.LastUid, highest);
        return cursor;
    }

    /// <summary>The UID before the first message that came after a time: asked for by ranges, and no more is remembered than the one.</summary>
    private static async Task<uint> BeforeFirstSinceAsync(IFolderView folder, DateTimeOffset since, uint last, CancellationToken cancellationToken)
    {
        var width = CatchUp.Window;
        for (uint from = 1; from <= last;)
        {
            var to = last - from < width ? last : from + width - 1;
            var arrivals = await folder.FetchArrivalsAsync([new UidRange(from, to)], messageIds: false, cancellationToken);
            if (arrivals.FirstOrDefault(arrival => !(arrival.Date <= since)) is { } first)
                return first.Uid - 1;
            if (to == last)
                break;
            from = to + 1;
            width = arrivals.Count == 0 ? Math.Min(width * 2, uint.MaxValue / 2) : CatchUp.Window;
        }

        return last;
    }

    /// <summary>A mailbox restored from a backup may have its old UIDVALIDITY and give the UIDs that we know to other messages. One answer does not prove it.</summary>
    private static async Task<bool> HasGoneBackAsync(IFolderView folder, MailboxCursor recorded, CancellationToken cancellationToken) =>
        recorded.LastUid == uint.MaxValue
        || (folder.Selected.UidNext <= recorded.LastUid
            && (await folder.FindAsync([UidRange.Above(recorded.LastUid - 1)], cancellationToken)).Count == 0
            && (await folder.StatusAsync(cancellationToken))?.UidNext <= recorded.LastUid);

    /// <summary>After the highest message that there is. What UIDNEXT promises beyond it has not been seen, so if it comes it is new.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="since">What came later is new although it is there already: since then the mailbox is wanted. Null for none of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<MailboxCursor> FromNowAsync(IFolderView folder, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var selected = folder.Selected;
        var cursor = new MailboxCursor { UidValidity = selected.UidValidity, LastUid = 0 };
        if (selected.Count == 0)
            return cursor;
        var last = await LastArrivalsAsync(folder, cancellationToken);
        if (last.Count == 0)
            return cursor with { LastUid = selected.UidNext - 1 ?? ((await folder.FindAsync([UidRange.Above(0)], cancellationToken)) is [.., var highest] ? highest : 0), LastDate = time.GetUtcNow() };
        if (since is { } wanted && await FirstSinceAsync(folder, last, wanted, cancellationToken) is { } first)
        {
            cursor = cursor with { LastUid = first - 1, LastDate = wanted };
            last = [.. last.Where(arrival => arrival.Uid < first)];
            if (last.Count == 0)
                return cursor;
        }
        else
        {
            cursor = cursor with { LastUid = last[^1].Uid };
        }

        // By the server's clock, not by ours; but no message makes all that come until its date old.
        var date = last.Max(arrival => arrival.Date);
        return cursor with
        {
            LastDate = date > time.GetUtcNow() ? time.GetUtcNow() : date,
            Last = new MessageMark(last[^1].Uid, last[^1].Size, last[^1].MessageId is { } id ? MessageIdentity.OfMessageId(id) : null),
            Recent = RecentMessages.Of(last.Where(arrival => arrival.MessageId is not null).Select(arrival => MessageIdentity.Of(arrival.MessageId, arrival.Size, arrival.Date))),
        };
    }

    /// <summary>The first message that came after a time, by the server's clock; null when none did. What is dated later than now is no newer for that.</summary>
    private async Task<uint?> FirstSinceAsync(IFolderView folder, IReadOnlyList<Arrival> last, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var first = last.Where(IsNew).Select(arrival => (uint?)arrival.Uid).FirstOrDefault();
        if (first != last[0].Uid || last.Count < Remembered)
            return first;
        return (await ScanAsync(folder, last[0].Uid, IsNew, cancellationToken)) is [var before, ..] ? before : first;

        bool IsNew(Arrival arrival) => arrival.Date > since && arrival.Date <= time.GetUtcNow() + ClockSkew;
    }

    /// <summary>None when they cannot be read; the connection may be gone then, and the next session does without.</summary>
    private async Task<IReadOnlyList<Arrival>> LastArrivalsAsync(IFolderView folder, CancellationToken cancellationToken)
    {
        if (_unreadable)
            return [];
        try
        {
            return await folder.FetchLastArrivalsAsync(Remembered, cancellationToken);
        }
        catch (ImapSessionException e) when (!e.EndsSession)
        {
            return [];
        }
        catch (ImapSessionException)
        {
            _unreadable = true;
            throw;
        }
    }

    /// <summary>
    /// Begins before the first message that may be new; those from there on are judged when they are taken up, one by one. What was open is found again by
    /// what it is.
    /// </summary>
    private static async Task<(MailboxCursor Cursor, string What)> ContinueAsync(IFolderView folder, MailboxCursor recorded, MailboxCursor fromNow, CancellationToken cancellationToken)
    {
        var since = SinceOf(recorded);
        var news = new NewMessages(since, recorded.Recent);
        var wanted = recorded.Open.Values.Where(open => open.Identity is not null).GroupBy(open => open.Identity!).ToDictionary(same => same.Key, same => new Queue<OpenMessage>(same));
        var dates = recorded.Open.Values.Select(open => open.Date).ToHashSet();
        var open = ImmutableSortedDictionary.CreateBuilder<uint, OpenMessage>();
        uint? first = null;
        // Message-IDs only of those that come into question: a server reads the messages themselves for them.
        var candidates = await ScanAsync(folder, fromNow.LastUid, arrival => news.MayContain(arrival.Date) || dates.Contains(arrival.Date), cancellationToken);
        foreach (var portion in candidates.Chunk(CatchUp.Portion))
        {
            foreach (var arrival in await folder.FetchArrivalsAsync([.. portion.Select(uid => new UidRange(uid, uid))], messageIds: true, cancellationToken))
            {
                if (wanted.TryGetValue(MessageIdentity.Of(arrival.MessageId, arrival.Size, arrival.Date), out var same) && same.TryDequeue(out var found))
                    open[arrival.Uid] = found;
                else if (first is null && news.Contains(arrival.MessageId, arrival.Size, arrival.Date))
                    first = arrival.Uid;
            }
        }

        var cursor = fromNow with
        {
            LastUid = first - 1 ?? fromNow.LastUid,
            Open = open.ToImmutable(),
            Renumbered = first is null ? null : new Renumbering(fromNow.LastUid, since),
            LastDate = recorded.LastDate,
            Recent = recorded.Recent,
        };
        return (cursor, $"{open.Count} messages that were begun and not finished were found again, and what arrived since {since:u} and was not delivered comes next");
    }

    /// <summary>A record of version 1 knows of its open messages nothing but the date.</summary>
    private static DateTimeOffset? SinceOf(MailboxCursor recorded) =>
        recorded.Open.Values.Where(open => open.Identity is null).Select(open => open.Date).Append(recorded.LastDate).Min();

    private static async Task<IReadOnlyList<uint>> ScanAsync(IFolderView folder, uint last, Func<Arrival, bool> wanted, CancellationToken cancellationToken)
    {
        var found = new List<uint>();
        var width = CatchUp.Window;
        for (uint from = 1; from <= last;)
        {
            var to = last - from < width ? last : from + width - 1;
            var arrivals = await folder.FetchArrivalsAsync([new UidRange(from, to)], messageIds: false, cancellationToken);
            found.AddRange(arrivals.Where(wanted).Select(arrival => arrival.Uid));
            if (to == last)
                break;
            from = to + 1;
            width = arrivals.Count == 0 ? Math.Min(width * 2, uint.MaxValue / 2) : CatchUp.Window;
        }

        return found;
    }
}
