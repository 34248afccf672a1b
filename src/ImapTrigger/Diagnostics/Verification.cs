using System.Collections.Concurrent;

namespace ImapTrigger.Diagnostics;

/// <summary>When each mailbox that is ours in this process was last looked at by UID: what tells an idle trigger from a dead one.</summary>
internal sealed class Verification : IDisposable
{
    private static readonly ConcurrentDictionary<Verification, bool> All = new();
    private readonly TimeProvider _time;
    private long _at;

    /// <summary>From here on the mailbox is expected to be looked at, whether its server can be reached or not.</summary>
    public Verification(TimeProvider time)
    {
        _time = time;
        _at = time.GetTimestamp();
        All[this] = true;
    }

    /// <summary>The longest time since a look, over all mailboxes.</summary>
    public static TimeSpan Longest => All.Keys.Select(mailbox => mailbox.Since).DefaultIfEmpty().Max();

    private TimeSpan Since => _time.GetElapsedTime(Interlocked.Read(ref _at));

    public void Looked() => Interlocked.Exchange(ref _at, _time.GetTimestamp());

    public void Dispose() => All.TryRemove(this, out _);
}
