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
    private int _setAside;

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

    /// <summary>The longest time since a look, over all mailboxes of this process, but for those that are set aside while others of their function flow.</summary>
    public static TimeSpan Longest => LongestOf([.. All.Keys]);

    private bool IsSetAside => Volatile.Read(ref _setAside) == 1;

    /// <summary>The function, and its listener: hosts of one process, or an old one beside its successor, may have functions of one name.</summary>
    private (ILogger, string?) Group => (_logger, _mailbox.Function);

    private TimeSpan Since => _time.GetElapsedTime(Interlocked.Read(ref _at));

    internal static TimeSpan LongestOf(Verification[] mailboxes)
    {
        var flowing = mailboxes.Where(mailbox => !mailbox.IsSetAside).Select(mailbox => mailbox.Group).ToHashSet();
        return mailboxes.Where(mailbox => !mailbox.IsSetAside || !flowing.Contains(mailbox.Group)).Select(mailbox => mailbox.Since).DefaultIfEmpty().Max();
    }

    /// <summary>One look may be late; when two are, something is wrong.</summary>
    public static TimeSpan LimitOf(TimeSpan idleRenewal) => idleRenewal * 2;

    public void Looked()
    {
        if (EndSetAside())
            _logger.SetAsideNoMore(_mailbox);
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

    /// <summary>Its login is refused again and again, which is its owner's to mend. Of several mailboxes one must not make the whole look dead.</summary>
    public void SetAside(string problem)
    {
        if (All.Keys.All(other => other == this || other.Group != Group) || Interlocked.Exchange(ref _setAside, 1) == 1)
            return;
        Metrics.SetAside.Add(_mailbox.Function ?? "", 1);
        _logger.SetAside(_mailbox, problem);
    }

    public void Dispose()
    {
        EndSetAside();
        _alarm.Dispose();
        All.TryRemove(this, out _);
    }

    private bool EndSetAside()
    {
        if (Interlocked.Exchange(ref _setAside, 0) == 0)
            return false;
        Metrics.SetAside.Add(_mailbox.Function ?? "", -1);
        return true;
    }

    private void Alarm()
    {
        if (IsSetAside && All.Keys.Any(other => other.Group == Group && !other.IsSetAside))
            return;
        Interlocked.Exchange(ref _alarmed, 1);
        _logger.NotVerified(_mailbox, Since, Volatile.Read(ref _problem));
    }
}
