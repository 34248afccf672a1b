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
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(5);
    private static readonly Backoff Transient = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    // A wrong password tried often locks the account, and nothing gets better by hurrying.
    private static readonly Backoff Refused = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30));

    private readonly MailboxSource _source;
    private readonly ICursorLog _log;
    private readonly Func<MailboxCursor, DeliveryLine> _newLine;
    private readonly MessageRequests _requests;
    private readonly WatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Bell _bell = new();
    private readonly FetchCare _care = new();
    private MailboxCursor? _recorded;
    private DeliveryLine? _line;

    /// <param name="source">The mailbox.</param>
    /// <param name="recorded">Its cursor as the last owner left it; null when it has never been watched.</param>
    /// <param name="log">Where progress is recorded.</param>
    /// <param name="newLine">Makes the line that delivers from a cursor on.</param>
    /// <param name="requests">Whole messages that functions ask for.</param>
    /// <param name="options">Renewal and polling.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public MailboxWatch(
        MailboxSource source,
        MailboxCursor? recorded,
        ICursorLog log,
        Func<MailboxCursor, DeliveryLine> newLine,
        MessageRequests requests,
        WatchOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _source = source;
        _recorded = recorded;
        _log = log;
        _newLine = newLine;
        _requests = requests;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Runs until stopping or until ownership is lost, and until the calls that run have ended; never throws for what a server does.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        ImapSessionError? said = null;
        _requests.Arrived += _bell.Ring;
        while (!stopping.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            TimeSpan wait;
            try
            {
                await WatchAsync(stopping);
                break;
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
                // Back-off is forgotten after minutes that went well, not after a login that did (law 8).
                failures = _time.GetElapsedTime(began) >= StableAfter ? 1 : failures + 1;
                var error = (e as ImapSessionException)?.Error;
                wait = (error is ImapSessionError.AuthenticationRefused ? Refused : Transient).After(failures);
                var saidBefore = failures > 1 && said == error;
                said = error;
                _logger.SessionFailed(saidBefore ? LogLevel.Debug : ErrorLevels.Of(e), _source, e.Message, wait, e);
            }

            await Task.Delay(wait, _time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        _requests.Arrived -= _bell.Ring;
        // Before the line ends: it waits for calls, and a call may wait for its message.
        _requests.Close();
        if (_line is not null)
            await _line.DisposeAsync();
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        await using var session = await ImapSession.ConnectAsync(_source.Account, _time, stopping);
        // Stopping is polite to the server; losing ownership waits for nobody (law 4).
        await using var killer = _log.Lost.Register(session.Kill);
        // This loop renews, because it looks by UID each time; the session's own renewal is only the backstop.
        session.Idle.Renewal = ImapIdle.MaxRenewal;

        var folder = await session.SelectAsync(_source.Folder, stopping);
        var line = await OpenLineAsync(session, folder, stopping);
        var catchUp = new CatchUp(session, line, _care, _source, _logger);
        await catchUp.ResumeAsync(stopping);
        _logger.Watching(_source, session.CanIdle ? "IDLE" : "polling", line.Cursor.LastUid);

        while (!stopping.IsCancellationRequested)
        {
            _bell.Silence();
            await _requests.ServeAsync(session, stopping);
            var caughtUp = await catchUp.RunAsync(stopping);
            if (session.CanIdle)
                await IdleAsync(session, catchUp, caughtUp, stopping);
            else
                await PollAsync(session, stopping);
        }
    }

    /// <summary>The line for this folder's UIDVALIDITY: the one that runs, or a new one from the cursor on record, or from now.</summary>
    private async Task<DeliveryLine> OpenLineAsync(ImapSession session, SelectedFolder folder, CancellationToken cancellationToken)
    {
        if (_line?.Cursor.UidValidity == folder.UidValidity)
            return _line;

        if (_line is not null)
        {
            _recorded = _line.Cursor.Snapshot();
            await _line.DisposeAsync();
            _line = null;
        }

        var cursor = _recorded;
        if (cursor?.UidValidity != folder.UidValidity)
        {
            var last = folder.UidNext is { } next ? next - 1 : (await session.SearchAsync(0, cancellationToken)) is [.., var highest] ? highest : 0;
            if (cursor is null)
                _logger.FirstStart(_source, last);
            else
                _logger.UidValidityChanged(_source, cursor.UidValidity, folder.UidValidity, last);
            cursor = new MailboxCursor { UidValidity = folder.UidValidity, LastUid = last, ModSeq = folder.HighestModSeq };
            // On record before anything else: from here on, mail that comes while nobody runs is delivered later.
            _log.Put(cursor);
            await _log.FlushAsync(cancellationToken);
        }

        _line = _newLine(cursor);
        _line.Pump.Settled += _bell.Ring;
        return _line;
    }

    /// <summary>In IDLE until there is a reason to look: news, a request, room for more, or the renewal (law 7: a look by UID each time).</summary>
    private async Task IdleAsync(ImapSession session, CatchUp catchUp, bool caughtUp, CancellationToken stopping)
    {
        await session.Idle.StartAsync(stopping);
        var began = _time.GetTimestamp();
        while (!HasReason(caughtUp) && _options.IdleRenewal - _time.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            var updates = await CheckAsync(session, left, stopping);
            catchUp.Hear(updates);
            // Keep-alives and flags say nothing of new mail; and while there is no room, new mail says nothing either.
            if (caughtUp && updates.Any(update => update is ExistsUpdate or RecentUpdate))
                break;
        }

        await session.Idle.DoneAsync();
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
    private async Task PollAsync(ImapSession session, CancellationToken stopping)
    {
        using var timer = new CancellationTokenSource(_options.PollInterval, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping);
        await _bell.WaitAsync(either.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        stopping.ThrowIfCancellationRequested();
        await session.NoOpAsync(stopping);
    }

    private bool HasReason(bool caughtUp)
    {
        _bell.Silence();
        return _requests.Any || (!caughtUp && _line!.Pump.Room >= CatchUp.Portion);
    }
}
