namespace ImapTrigger.Ownership;

/// <summary>
/// The cursor of one mailbox while it is ours: which UIDs are taken up, begun and settled. Thread-safe; its snapshots are immutable
/// and cheap. A UID leaves a snapshot only by being settled (law 1).
/// </summary>
internal sealed class CursorTracker(MailboxCursor start)
{
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

    /// <summary>Takes up a UID: from here on it is open. Does nothing for one that is open already.</summary>
    /// <exception cref="InvalidOperationException">It is settled: taking it up again would deliver it twice.</exception>
    public void Take(uint uid)
    {
        lock (_gate)
        {
            if (_cursor.Open.ContainsKey(uid))
                return;
            if (uid <= _cursor.LastUid)
                throw new InvalidOperationException($"UID {uid} is settled: the cursor stands at {_cursor.LastUid}.");
            _cursor = _cursor with { LastUid = uid, Open = _cursor.Open.Add(uid, 0) };
        }
    }

    /// <summary>Counts an attempt and returns its number, from 1.</summary>
    public int Begin(uint uid)
    {
        lock (_gate)
        {
            var attempt = _cursor.Open[uid] + 1;
            _cursor = _cursor with { Open = _cursor.Open.SetItem(uid, attempt) };
            return attempt;
        }
    }

    public void Settle(uint uid)
    {
        lock (_gate)
            _cursor = _cursor with { Open = _cursor.Open.Remove(uid) };
    }
}
