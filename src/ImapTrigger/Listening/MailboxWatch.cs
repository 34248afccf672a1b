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
    /// <summary>A session that is replaced again before that waits like one that failed.</summary>
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(1);

    private readonly MailboxSource _source;
    private readonly ICursorLog _log;
    private readonly Func<MailboxCursor, DeliveryLine> _newLine;
    private readonly SessionRequests _requests;
    private readonly ConnectGate _gate;
    private readonly WatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StartPoint _startPoint;
    private readonly SessionBackoff _backoff;
    private readonly WatchMemory _memory;
    private readonly Bell _bell = new();
    private bool _writable;
    private bool _replaced;
    private long _openedAt;
    private MailboxCursor? _recorded;
    private DeliveryLine? _line;

    /// <param name="source">The mailbox.</param>
    /// <param name="recorded">Its cursor as the last owner left it; null when it has never been watched.</param>
    /// <param name="adoption">Finds a cursor that a change of settings has left behind; null when there is nothing to look for.</param>
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
        Adoption? adoption,
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
        _startPoint = new StartPoint(source, adoption, options.OnUidValidityChange, time, logger);
        _backoff = new SessionBackoff(time);
        _memory = new WatchMemory(time);
    }

    /// <summary>Runs until stopping or until ownership is lost, and until the calls that run have ended; never throws for what a server does.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var verification = new Verification(_source, _options.IdleRenewal, _time, _logger);
        if (_recorded is null)
        {
            // "From now on" begins here, though it may take days until a mistake in the settings is found.
            _recorded = MailboxCursor.Wanted(_time.GetUtcNow());
            _log.Put(_recorded);
        }

        _requests.Arrived += _bell.Ring;
        while (!stopping.IsCancellationRequested)
        {
            _backoff.Begin();
            var wait = TimeSpan.Zero;
            var lastUid = _line?.Cursor.LastUid ?? _recorded?.LastUid;
            try
            {
                await WatchAsync(verification, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (FickleUidValidityException) when (!_writable)
            {
                _writable = true;
                _logger.OpenedBySelect(_source);
            }
            catch (FolderReplacedException e) when (!_replaced)
            {
                // Once in a row without a pause.
                _replaced = true;
                _logger.SelectedAnew(_source, _source.Told(e));
            }
            catch (Exception e)
            {
                verification.Failed(_source.Told(e));
                wait = Failed(e, lastUid);
                if (e is ImapSessionException { Error: ImapSessionError.AuthenticationRefused } && _backoff.IsRepeated)
                    verification.SetAside(_source.Told(e));
            }

            await Task.Delay(wait, _time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        _requests.Arrived -= _bell.Ring;
        // Before the line ends: it waits for calls, and a call may wait for its message.
        _requests.Close();
        if (_line is not null)
            await _line.DisposeAsync();
    }

    private TimeSpan Failed(Exception e, uint? lastUid)
    {
        Metrics.Reconnects.Add(1);
        if (_memory.Care.TakeHurry() && e is ImapSessionException { Error: ImapSessionError.ConnectionLost or ImapSessionError.ProtocolError or ImapSessionError.LocalFailure })
        {
            // The next session fetches differently. (A server that asks for patience gets it.)
            _logger.SessionFailed(LogLevel.Information, _source, _source.Told(e), TimeSpan.Zero, exception: null);
            return TimeSpan.Zero;
        }

        var wait = _backoff.After(e, _line?.Cursor.LastUid > lastUid, out var saidBefore);
        _gate.Heed(_source.Account.Host, e);
        var level = saidBefore ? LogLevel.Debug : _backoff.IsRepeated ? LogLevel.Warning : ErrorLevels.Of(e);
        _logger.SessionFailed(level, _source, _source.Told(e), wait, ErrorLevels.NeedsTrace(e) ? e : null);
        return wait;
    }

    private async Task<ImapSession> ConnectAsync(CancellationToken stopping)
    {
        using var place = await _gate.EnterAsync(_source.Account.Host, stopping);
        return await ImapSession.ConnectAsync(_source.Account, _time, TellSilence, stopping);

        // Once: what fails again is said by its failure.
        void TellSilence(string problem) => _logger.SilentPort(_backoff.HasFailed ? LogLevel.Debug : LogLevel.Warning, _source, problem);
    }

    private async Task WatchAsync(Verification verification, CancellationToken stopping)
    {
        await using var session = await ConnectAsync(stopping);
        session.Tag = _source.Tag;
        // Stopping is polite to the server; losing ownership waits for nobody (law 4).
        await using var killer = _log.Lost.Register(session.Kill);
        // This loop renews, because it looks by UID each time; the session's own renewal is only the backstop.
        session.Idle.Renewal = ImapIdle.MaxRenewal;
        session.Headers = _source.Headers;

        var folder = await session.SelectAsync(_source.Folder, _writable, stopping);
        // Courier says UIDNEXT nowhere but in STATUS, and keeps no UID that only EXAMINE has seen (docs/providers.md).
        if (!_writable && folder.UidNext is null)
            throw new FickleUidValidityException();
        var line = await OpenLineAsync(session, stopping);
        _replaced &= _time.GetElapsedTime(_openedAt) < StableAfter;
        _openedAt = _time.GetTimestamp();
        await new FolderWatch(session, line, _memory, _requests, _bell, _source, _options, _time, _logger).RunAsync(verification, stopping);
    }

    /// <summary>The line from where this folder goes on: the one that runs, or a new one.</summary>
    private async Task<DeliveryLine> OpenLineAsync(ImapSession session, CancellationToken cancellationToken)
    {
        if (_line is not null && await StartPoint.HoldsAsync(session, _line.Cursor.Snapshot(), cancellationToken))
            return _line;

        if (_line is not null)
        {
            // Its UIDs mean other messages now. Refused first: a call may wait for its message, and the line waits for its calls.
            _requests.Refuse();
            await _line.DisposeAsync();
            _recorded = _line.Cursor.Snapshot();
            _line = null;
            _requests.Accept();
        }

        var cursor = _recorded;
        if (cursor is null or { WantedSince: not null } || !await StartPoint.HoldsAsync(session, cursor, cancellationToken))
        {
            cursor = await _startPoint.FindAsync(session, _recorded, cancellationToken);
            // On record before anything else: from here on, mail that comes while nobody runs is delivered later.
            _log.Put(cursor);
            await _log.FlushAsync(cancellationToken);
            _recorded = cursor;
        }

        _line = _newLine(cursor);
        if (_line.IsCareful && cursor.Probe is { } probe)
            _memory.Care.Suspect(probe.From, probe.To, (int)Math.Min(probe.To - probe.From + 1, CatchUp.Portion), inOrder: false);
        _line.Pump.Missed += _ => _bell.Ring();
        return _line;
    }
}
