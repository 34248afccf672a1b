using System.Security.Cryptography;
using System.Text;

namespace ImapTrigger.Ownership;

/// <summary>
/// The cursor of one mailbox while it is ours: which UIDs are taken up, begun and settled. Thread-safe; its snapshots are immutable
/// and cheap. A UID leaves a snapshot only by being settled (law 1).
/// </summary>
internal sealed class CursorTracker(MailboxCursor start)
{
    private readonly object _gate = new();
    private MailboxCursor _cursor = start;
    private int _recent = start.Recent.Count();

    public uint UidValidity => Snapshot().UidValidity;

    /// <summary>The highest UID taken up.</summary>
    public uint LastUid => Snapshot().LastUid;

    public MailboxCursor Snapshot()
    {
        lock (_gate)
            return _cursor;
    }

    public OpenMessage? Find(uint uid) => Snapshot().Open.GetValueOrDefault(uid);

    /// <summary>Takes up a UID: from here on it is open. Does nothing for one that is open already.</summary>
    /// <exception cref="InvalidOperationException">It is settled: taking it up again would deliver it twice.</exception>
    public void Take(uint uid, DateTimeOffset? date)
    {
        lock (_gate)
        {
            if (_cursor.Open.ContainsKey(uid))
                return;
            if (uid <= _cursor.LastUid)
                throw new InvalidOperationException($"UID {uid} is settled: the cursor stands at {_cursor.LastUid}.");
            _cursor = _cursor with
            {
                LastUid = uid,
                Open = _cursor.Open.Add(uid, new OpenMessage(Date: date)),
                LastDate = date > _cursor.LastDate || _cursor.LastDate is null ? date : _cursor.LastDate,
            };
        }
    }

    /// <summary>Counts an attempt and returns its number, from 1.</summary>
    public int Begin(uint uid)
    {
        lock (_gate)
        {
            var open = _cursor.Open[uid];
            open = open with { Attempts = open.Attempts + 1 };
            _cursor = _cursor with { Open = _cursor.Open.SetItem(uid, open) };
            return open.Attempts;
        }
    }

    /// <summary>The function must not be called again; the event is not settled yet.</summary>
    public void MarkDone(uint uid)
    {
        lock (_gate)
            _cursor = _cursor with { Open = _cursor.Open.SetItem(uid, _cursor.Open[uid] with { Done = true }) };
    }

    public void Settle(uint uid, string? messageId = null)
    {
        lock (_gate)
        {
            _cursor = _cursor with { Open = _cursor.Open.Remove(uid) };
            if (messageId is null)
                return;
            var recent = _cursor.Recent.Enqueue(HashOf(messageId));
            _cursor = _cursor with { Recent = ++_recent > MailboxCursor.MaxRecent ? recent.Dequeue() : recent };
            _recent = Math.Min(_recent, MailboxCursor.MaxRecent);
        }
    }

    /// <summary>Short, and of one length whatever the sender wrote.</summary>
    public static string HashOf(string messageId) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(messageId)).AsSpan(0, 9));
}
