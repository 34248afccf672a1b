using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>
/// The cursor of one mailbox while it is ours: which UIDs are taken up, begun and settled, and which were not shown. Thread-safe; its snapshots are
/// immutable and cheap. A UID leaves a snapshot only by being decided (laws 1 and 13).
/// </summary>
internal sealed class CursorTracker(MailboxCursor start, TimeProvider time)
{
    /// <summary>Gaps are watched at least for so long.</summary>
    public static readonly TimeSpan Watch = TimeSpan.FromHours(1);

    /// <summary>So many gaps are watched so long; of more, the oldest are decided as soon as they have been denied often enough.</summary>
    public const int MaxGaps = 64;

    /// <summary>One denial decides nothing. So many do: of a gap that has been watched long enough, or of the oldest where there are too many.</summary>
    public const int LooksToDecide = 4;

    private readonly object _gate = new();
    private MailboxCursor _cursor = start;

    public uint UidValidity => Snapshot().UidValidity;

    /// <summary>The highest UID taken up.</summary>
    public uint LastUid => Snapshot().LastUid;

    public MailboxCursor Snapshot()
    {
        lock (_gate)
            return _cursor;
    }

    /// <summary>Hands the cursor as it is now over; in one step, so that a later one is never handed over before it.</summary>
    public void Record(Action<MailboxCursor> put)
    {
        lock (_gate)
            put(_cursor);
    }

    public OpenMessage? Find(uint uid) => Snapshot().Open.GetValueOrDefault(uid);

    /// <summary>Takes up a UID that the server has named: from here on it is open. Does nothing for one that is open already.</summary>
    /// <exception cref="InvalidOperationException">It is settled: taking it up again would deliver it twice.</exception>
    public void Take(uint uid)
    {
        lock (_gate)
        {
            if (!_cursor.Open.ContainsKey(uid))
                _cursor = Shown(uid) with { Open = _cursor.Open.Add(uid, new OpenMessage()) };
        }
    }

    /// <summary>Takes up a message whose metadata has come.</summary>
    /// <exception cref="InvalidOperationException">It is settled: taking it up again would deliver it twice.</exception>
    public void Take(ImapEvent message)
    {
        lock (_gate)
        {
            // A date in the future would later pass over all that comes until then.
            var now = time.GetUtcNow();
            var date = message.InternalDate > now ? now : message.InternalDate;
            var known = _cursor.Open.GetValueOrDefault(message.Uid);
            _cursor = (known is null || message.Uid > _cursor.LastUid ? Shown(message.Uid) : _cursor) with
            {
                Open = _cursor.Open.SetItem(message.Uid, (known ?? new OpenMessage()) with { Date = date, Identity = MessageIdentity.Of(message), Broken = 0 }),
                LastDate = date > _cursor.LastDate || _cursor.LastDate is null ? date : _cursor.LastDate,
            };
        }
    }

    /// <summary>Decides a message that is not to be delivered.</summary>
    /// <exception cref="InvalidOperationException">It is settled already.</exception>
    public void Pass(uint uid)
    {
        lock (_gate)
            _cursor = _cursor.Open.ContainsKey(uid) ? _cursor with { Open = _cursor.Open.Remove(uid) } : Shown(uid);
    }

    /// <summary>Counts an attempt and returns its number, from 1.</summary>
    public int Begin(uint uid) => Change(uid, open => open with { Attempts = open.Attempts + 1, NotBefore = null }).Attempts;

    /// <summary>An attempt that we have ended ourselves counts for nothing.</summary>
    public void Unbegin(uint uid) => Change(uid, open => open with { Attempts = Math.Max(0, open.Attempts - 1) });

    /// <summary>Counts a fetch of this message alone, before it is made: it may end the session, or the process. Its success forgets the count.</summary>
    public int Suspect(uint uid) => Change(uid, open => open with { Broken = open.Broken + 1 }).Broken;

    /// <summary>A fetch that was counted has broken nothing.</summary>
    public void Unsuspect(uint uid) => Change(uid, open => open with { Broken = Math.Max(0, open.Broken - 1) });

    /// <summary>The function must not be called again; the event is not settled yet.</summary>
    /// <param name="uid">The message.</param>
    /// <param name="verdict">What the function has said is to become of it; null when it has said nothing.</param>
    public void MarkDone(uint uid, string? verdict = null) => Change(uid, open => open with { Done = true, Verdict = verdict });

    /// <summary>The function wants it again later.</summary>
    /// <param name="uid">The message.</param>
    /// <param name="until">When.</param>
    /// <param name="counts">Whether that counts as an attempt that has failed.</param>
    public void Postpone(uint uid, DateTimeOffset until, bool counts) =>
        Change(uid, open => open with { NotBefore = until, Attempts = counts ? open.Attempts : Math.Max(0, open.Attempts - 1) });

    /// <summary>These are about to be fetched together, by an owner that has to be careful; null when they have come.</summary>
    public void Probe(uint from, uint to)
    {
        lock (_gate)
            _cursor = _cursor with { Probe = new UidGap(from, to, time.GetUtcNow()) };
    }

    public void ProbeEnded()
    {
        lock (_gate)
            _cursor = _cursor with { Probe = null };
    }

    /// <param name="uid">The message.</param>
    /// <param name="message">Its metadata, to know it again by; null when it is gone.</param>
    public void Settle(uint uid, ImapEvent? message = null)
    {
        lock (_gate)
        {
            var open = _cursor.Open.GetValueOrDefault(uid);
            _cursor = _cursor with { Open = _cursor.Open.Remove(uid) };
            if (message is null)
                return;
            if (_cursor.Last is null || uid >= _cursor.Last.Uid)
                _cursor = _cursor with { Last = new MessageMark(uid, message.Size, message.MessageId is { } id ? MessageIdentity.OfMessageId(id) : null) };
            if (message.MessageId is not null && open?.Identity is { } identity)
                _cursor = _cursor with { Recent = _cursor.Recent.Add(identity) };
        }
    }

    /// <summary>A look has asked for all gaps, and what it found has been taken up: what is left of them was denied once more.</summary>
    public void GapsDenied()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var crowded = _cursor.Gaps.Count > MaxGaps;
            var gaps = _cursor.Gaps
                .Select(gap => crowded || now - gap.Since >= Watch ? gap with { Looks = gap.Looks + 1 } : gap)
                .Where(gap => gap.Looks < LooksToDecide || now - gap.Since < Watch)
                .ToImmutableList();
            if (crowded)
                gaps = gaps.RemoveRange(gaps.Where(gap => gap.Looks >= LooksToDecide).OrderBy(gap => gap.Since).ThenBy(gap => gap.From).Take(gaps.Count - MaxGaps).ToArray());
            _cursor = _cursor with { Gaps = gaps };
        }
    }

    /// <summary>The cursor with a UID no longer above it or in a gap; what lies between is a gap.</summary>
    private MailboxCursor Shown(uint uid)
    {
        if (uid > _cursor.LastUid)
        {
            var next = _cursor with { LastUid = uid };
            if (next.Renumbered?.UpTo <= uid)
                next = next with { Renumbered = null };
            if (next.StartBacklog?.UpTo <= uid)
                next = next with { StartBacklog = null };
            return uid - _cursor.LastUid == 1 ? next : next with { Gaps = next.Gaps.Add(new UidGap(_cursor.LastUid + 1, uid - 1, time.GetUtcNow())) };
        }

        var index = _cursor.Gaps.FindIndex(gap => gap.Contains(uid));
        if (index < 0)
            throw new InvalidOperationException($"UID {uid} is settled: the cursor stands at {_cursor.LastUid}.");
        return _cursor with { Gaps = _cursor.Gaps.RemoveAt(index).InsertRange(index, _cursor.Gaps[index].Without(uid)) };
    }

    private OpenMessage Change(uint uid, Func<OpenMessage, OpenMessage> change)
    {
        lock (_gate)
        {
            var open = change(_cursor.Open[uid]);
            _cursor = _cursor with { Open = _cursor.Open.SetItem(uid, open) };
            return open;
        }
    }
}
