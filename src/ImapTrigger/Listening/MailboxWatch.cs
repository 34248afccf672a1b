using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// Watches one mailbox while its partition is ours: session after session, each catching up by UID and then idling. A session that
/// fails is replaced after a back-off; since the cursor is the truth, reconnecting is the same as starting.
/// </summary>
internal sealed class MailboxWatch
{
    /// <summary>How soon a look is repeated that found less than was announced; then later each time, and after the last not at all.</summary>
    private static readonly TimeSpan[] LookAgain = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)];

    private readonly MailboxSource _source;
    private readonly ICursorLog _log;
    private readonly Func<MailboxCursor, DeliveryLine> _newLine;
    private readonly SessionRequests _requests;
    private readonly bool _writable;
    private readonly ConnectGate _gate;
    private readonly WatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StartPoint _startPoint;
    private readonly SessionBackoff _backoff;
    private readonly Bell _bell = new();
    private readonly FetchCare _care = new();
    private readonly PushTrust _trust = new();
    private MailboxCursor? _recorded;
    private DeliveryLine? _line;

    /// <param name="source">The mailbox.</param>
    /// <param name="recorded">Its cursor as the last owner left it; null when it has never been watched.</param>
    /// <param name="log">Where progress is recorded.</param>
    /// <param name="newLine">Makes the line that delivers from a cursor on.</param>
    /// <param name="requests">What deliveries want of the session.</param>
    /// <param name="writable">Whether something is to be done to messages.</param>
    /// <param name="gate">Lets us connect.</param>
    /// <param name="options">Renewal, polling, policy.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public MailboxWatch(
        MailboxSource source,
        MailboxCursor? recorded,
        ICursorLog log,
        Func<MailboxCursor, DeliveryLine> newLine,
        SessionRequests requests,
        bool writable,
        ConnectGate gate,
        WatchOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _source = source;
        _recorded = recorded;
        _log = log;
        _newLine = newLine;
        _requests = requests;
        _writable = writable;
        _gate = gate;
        _options = options;
        _time = time;
        _logger = logger;
        _startPoint = new StartPoint(source, options.OnUidValidityChange, time, logger);
        _backoff = new SessionBackoff(time);
    }

    /// <summary>Runs until stopping or until ownership is lost, and until the calls that run have ended; never throws for what a server does.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var verification = new Verification(_source, _options.IdleRenewal, _time, _logger);
        _requests.Arrived += _bell.Ring;
        while (!stopping.IsCancellationRequested)
        {
            _backoff.Begin();
            var wait = TimeSpan.Zero;
            try
            {
                await WatchAsync(verification, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The next session fetches differently.
                if (_care.TakeLearned())
                    continue;
                wait = Failed(e);
                verification.Failed(e.Message);
            }

            await Task.Delay(wait, _time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        _requests.Arrived -= _bell.Ring;
        // Before the line ends: it waits for calls, and a call may wait for its message.
        _requests.Close();
        if (_line is not null)
            await _line.DisposeAsync();
    }

    private TimeSpan Failed(Exception e)
    {
        Metrics.Reconnects.Add(1);
        var wait = _backoff.After(e, out var saidBefore);
        if ((e as ImapSessionException)?.Error == ImapSessionError.Throttled)
            _gate.Close(_source.Account.Host, wait);
        _logger.SessionFailed(saidBefore ? LogLevel.Debug : ErrorLevels.Of(e), _source, e.Message, wait, ErrorLevels.NeedsTrace(e) ? e : null);
        return wait;
    }

    private async Task<ImapSession> ConnectAsync(CancellationToken stopping)
    {
        using var place = await _gate.EnterAsync(_source.Account.Host, stopping);
        return await ImapSession.ConnectAsync(_source.Account, _time, stopping);
    }

    private async Task WatchAsync(Verification verification, CancellationToken stopping)
    {
        await using var session = await ConnectAsync(stopping);
        // Stopping is polite to the server; losing ownership waits for nobody (law 4).
        await using var killer = _log.Lost.Register(session.Kill);
        // This loop renews, because it looks by UID each time; the session's own renewal is only the backstop.
        session.Idle.Renewal = ImapIdle.MaxRenewal;

        var folder = await session.SelectAsync(_source.Folder, _writable, stopping);
        var line = await OpenLineAsync(session, folder, stopping);
        var catchUp = new CatchUp(session, line, _care, _source, _logger);
        await catchUp.ResumeAsync(stopping);
        using var mode = new WatchMode(_source, _logger);
        mode.Enter(session.CanIdle, _trust.IsDoubted, line.Cursor.LastUid);

        var woken = Wake.Start;
        var looks = 0;
        while (!stopping.IsCancellationRequested)
        {
            _bell.Silence();
            await _requests.ServeAsync(session, stopping);
            var look = await catchUp.RunAsync(stopping);
            verification.Looked();
            looks = look.Short ? looks + 1 : 0;
            if (looks > LookAgain.Length)
            {
                catchUp.Forgive();
                looks = 0;
            }

            if (look.Found > 0 && woken is Wake.News or Wake.Time)
                Judge(session, mode, announced: woken == Wake.News, look.Found, line.Cursor.LastUid);
            var limit = looks > 0 ? LookAgain[looks - 1]
                : session.CanIdle && !_trust.IsDoubted ? _options.IdleRenewal : _options.PollInterval;
            woken = session.CanIdle ? await IdleAsync(session, catchUp, look.CaughtUp, limit, stopping) : await PollAsync(session, limit, stopping);
            // A look that is repeated in haste proves nothing about IDLE.
            if (looks > 0 && woken == Wake.Time)
                woken = Wake.Start;
        }
    }

    private void Judge(ImapSession session, WatchMode mode, bool announced, int found, uint lastUid)
    {
        if (!session.CanIdle)
            return;
        if (!announced)
        {
            Metrics.MissedByIdle.Add(found);
            _logger.MissedByIdle(_source, found);
        }

        if (_trust.Found(announced))
            mode.Enter(canIdle: true, _trust.IsDoubted, lastUid);
    }

    /// <summary>The line for this folder's UIDVALIDITY: the one that runs, or a new one from where it is to begin.</summary>
    private async Task<DeliveryLine> OpenLineAsync(ImapSession session, SelectedFolder folder, CancellationToken cancellationToken)
    {
        if (_line?.Cursor.UidValidity == folder.UidValidity)
            return _line;

        if (_line is not null)
        {
            await _line.DisposeAsync();
            _recorded = _line.Cursor.Snapshot();
            _line = null;
        }

        var cursor = await _startPoint.FindAsync(session, folder, _recorded, cancellationToken);
        if (cursor != _recorded)
        {
            // On record before anything else: from here on, mail that comes while nobody runs is delivered later.
            _log.Put(cursor);
            await _log.FlushAsync(cancellationToken);
            _recorded = cursor;
        }

        _line = _newLine(cursor);
        _line.Pump.Settled += _bell.Ring;
        return _line;
    }

    /// <summary>In IDLE until there is a reason to look: news, a request, room for more, or the time has come (law 7: a look by UID each time).</summary>
    private async Task<Wake> IdleAsync(ImapSession session, CatchUp catchUp, bool caughtUp, TimeSpan limit, CancellationToken stopping)
    {
        await session.Idle.StartAsync(stopping);
        var began = _time.GetTimestamp();
        var woken = Wake.Time;
        while (limit - _time.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            if (HasReason(caughtUp))
            {
                woken = Wake.Request;
                break;
            }

            var updates = await CheckAsync(session, left, stopping);
            catchUp.Hear(updates);
            // Keep-alives and flags say nothing of new mail; and while there is no room, new mail says nothing either.
            if (caughtUp && updates.Any(update => update is ExistsUpdate or RecentUpdate))
            {
                woken = Wake.News;
                break;
            }
        }

        await session.Idle.DoneAsync();
        return woken;
    }

    /// <summary>A check that the bell ends early.</summary>
    private async Task<IReadOnlyList<IdleUpdate>> CheckAsync(ImapSession session, TimeSpan wait, CancellationToken stopping)
    {
        using var rung = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var check = session.Idle.CheckAsync(wait, rung.Token);
        if (await Task.WhenAny(check, _bell.WaitAsync(rung.Token)) != check)
            await rung.CancelAsync();
        try
        {
            return await check;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return [];
        }
        finally
        {
            await rung.CancelAsync();
        }
    }

    /// <summary>A server without IDLE is asked from time to time; NOOP makes it look (RFC 9051, 6.1.2).</summary>
    private async Task<Wake> PollAsync(ImapSession session, TimeSpan limit, CancellationToken stopping)
    {
        using var timer = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping);
        await _bell.WaitAsync(either.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        stopping.ThrowIfCancellationRequested();
        await session.NoOpAsync(stopping);
        return Wake.Start;
    }

    private bool HasReason(bool caughtUp)
    {
        _bell.Silence();
        return _requests.Any || (!caughtUp && _line!.Pump.Room >= CatchUp.Portion);
    }

    /// <summary>Why there is a look at the mailbox.</summary>
    private enum Wake
    {
        /// <summary>For no reason that says something about IDLE.</summary>
        Start,
        News,
        Request,
        Time,
    }
}
