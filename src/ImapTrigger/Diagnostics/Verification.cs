using System.Collections.Concurrent;
using ImapTrigger.Listening;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>When a mailbox that is ours was last looked at by UID: what tells an idle trigger from a dead one. Says so when that was too long ago.</summary>
internal sealed class Verification : IDisposable
{
    private const string NoProblem = "No attempt has failed since: the server does not answer.";
    private static readonly ConcurrentDictionary<Verification, bool> All = new();
    private readonly MailboxSource _mailbox;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _alarm;
    private string _problem = NoProblem;
    private long _at;
    private int _alarmed;

    /// <summary>From here on the mailbox is expected to be looked at, whether its server can be reached or not.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="idleRenewal">How often a look is due.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public Verification(MailboxSource mailbox, TimeSpan idleRenewal, TimeProvider time, ILogger logger)
    {
        _mailbox = mailbox;
        _limit = LimitOf(idleRenewal);
        _time = time;
        _logger = logger;
        _at = time.GetTimestamp();
        _alarm = time.CreateTimer(_ => Alarm(), null, _limit, _limit);
        All[this] = true;
    }

    /// <summary>The longest time since a look, over all mailboxes of this process.</summary>
    public static TimeSpan Longest => All.Keys.Select(mailbox => mailbox.Since).DefaultIfEmpty().Max();

    private TimeSpan Since => _time.GetElapsedTime(Interlocked.Read(ref _at));

    /// <summary>One look may be late; when two are, something is wrong.</summary>
    public static TimeSpan LimitOf(TimeSpan idleRenewal) => idleRenewal * 2;

    public void Looked()
    {
        var since = Since;
        Interlocked.Exchange(ref _at, _time.GetTimestamp());
        // What was in the way is not any more; the next alarm must not name it.
        Volatile.Write(ref _problem, NoProblem);
        _alarm.Change(_limit, _limit);
        if (Interlocked.Exchange(ref _alarmed, 0) == 1)
            _logger.VerifiedAgain(_mailbox, since);
    }

    /// <summary>Why there was no look, for the alarm.</summary>
    public void Failed(string problem) => Volatile.Write(ref _problem, problem);

    public void Dispose()
    {
        _alarm.Dispose();
        All.TryRemove(this, out _);
    }

    private void Alarm()
    {
        Interlocked.Exchange(ref _alarmed, 1);
        _logger.NotVerified(_mailbox, Since, Volatile.Read(ref _problem));
    }
}
