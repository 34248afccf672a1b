using ImapTrigger.Delivery;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>One session's conversation: look, wait in IDLE or by polling until there is a reason, serve what deliveries want, look again.</summary>
internal sealed class FolderWatch(
    ImapSession session, DeliveryLine line, WatchMemory memory, SessionRequests requests, Bell bell, MailboxSource source, WatchOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    private readonly CatchUp _catchUp = new(session, line, memory.Care, source, time, logger);
    private long _lookedAt;

    /// <summary>Runs until stopping, or until the session ends.</summary>
    /// <param name="verification">Is told of each look.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="ImapSessionException">The session is broken.</exception>
    /// <exception cref="FolderReplacedException">The session looks at the wrong folder.</exception>
    public async Task RunAsync(Verification verification, CancellationToken stopping)
    {
        using var mode = new WatchMode(source, logger);
        await _catchUp.ResumeAsync(stopping);
        var caughtUp = true;
        // From here on nobody waits below this method on its stack, so that it may leave its thread to a function.
        await Task.Yield();
        for (var woken = Wake.Start; !stopping.IsCancellationRequested; woken = await WaitAsync(mode, caughtUp, stopping))
        {
            bell.Silence();
            if (woken != Wake.Request || _catchUp.HasNews)
            {
                caughtUp = await LookAsync(mode, woken, verification, stopping);
                if (line.Pump.TakeHeld() is { } begin)
                    await SpareThread.LeaveTo(begin);
            }

            // After the look: what a delivery wants may be what broke the session before.
            await ServeAsync(stopping);
        }
    }

    private async Task ServeAsync(CancellationToken stopping)
    {
        try
        {
            await requests.ServeAsync(session, stopping);
        }
        catch (ImapSessionException)
        {
            // A message may break a session when it is read, as others do when their metadata is: those behind it need not wait.
            if (requests.BrokeReading)
                memory.Care.Broke();
            throw;
        }
    }

    private async Task<bool> LookAsync(WatchMode mode, Wake woken, Verification verification, CancellationToken stopping)
    {
        var look = await _catchUp.RunAsync(woken, stopping);
        verification.Looked();
        if (session.LearnedAuthservId is { } learned && memory.LearnedAuthservId is null)
            logger.AuthservIdLearned(source, memory.LearnedAuthservId = learned);
        if (woken != Wake.Again)
            _lookedAt = time.GetTimestamp();
        if (look.Found > 0 && woken is Wake.News or Wake.Due)
            Judge(mode, announced: woken == Wake.News, look.Found);
        return look.CaughtUp;
    }

    private void Judge(WatchMode mode, bool announced, int found)
    {
        if (!session.CanIdle || !memory.Idle.IsUsable)
            return;
        if (!announced)
        {
            Metrics.MissedByIdle.Add(found);
            logger.MissedByIdle(source, found);
        }

        if (memory.Push.Found(announced))
            mode.Enter(canIdle: true, memory.Push.IsDoubted, line.Cursor.LastUid);
    }

    private async Task<Wake> WaitAsync(WatchMode mode, bool caughtUp, CancellationToken stopping)
    {
        var idles = session.CanIdle && memory.Idle.IsUsable;
        mode.Enter(idles, memory.Push.IsDoubted, line.Cursor.LastUid);
        var due = (idles && !memory.Push.IsDoubted ? options.IdleRenewal : options.PollInterval) - time.GetElapsedTime(_lookedAt);
        var limit = _catchUp.NextLook(due);
        // A look that is repeated in haste proves nothing about IDLE.
        var late = limit < due ? Wake.Again : Wake.Due;
        // Only who waits for room is to be woken by it: a bell for each message costs more than the message.
        if (!caughtUp)
            line.Pump.Settled += RingForRoom;
        try
        {
            if (!caughtUp && await ReasonSoonAsync(stopping) is { } reason)
                return reason;
            return idles ? await IdleAsync(caughtUp, limit, late, stopping) : await PollAsync(caughtUp, limit, late, stopping);
        }
        finally
        {
            line.Pump.Settled -= RingForRoom;
        }
    }

    private void RingForRoom()
    {
        if (line.Pump.Room >= CatchUp.Portion)
            bell.Ring();
    }

    /// <summary>A quick function makes room before a server has answered IDLE and DONE.</summary>
    private async Task<Wake?> ReasonSoonAsync(CancellationToken stopping)
    {
        if (Reason(caughtUp: false) is { } reason)
            return reason;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(bell.Rung, Task.Delay(Soon, time, waiting.Token));
        await waiting.CancelAsync();
        stopping.ThrowIfCancellationRequested();
        return Reason(caughtUp: false);
    }

    /// <summary>In IDLE until there is a reason to look: news, a request, room for more, or the time has come (law 7: a look by UID each time).</summary>
    private async Task<Wake> IdleAsync(bool caughtUp, TimeSpan limit, Wake late, CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        try
        {
            bell.Rang += session.Idle.Interrupt;
            session.Idle.Begin(update => caughtUp && IsNews(update));
            var woken = await IdleAsync(caughtUp, limit, began, late, stopping);
            await session.Idle.DoneAsync();
            return woken;
        }
        catch (ImapSessionException e) when (e.Error != ImapSessionError.LocalFailure && !session.IsOutOfStep && time.GetElapsedTime(began) < IdleOffer.Soon)
        {
            var wait = memory.Idle.Refused();
            if (wait > TimeSpan.Zero)
                logger.IdleRefused(source, memory.Idle.Refusals, wait, source.Told(e));
            if (e.EndsSession || session.Idle.IsStarted)
                throw;
            return Wake.Again;
        }
        finally
        {
            bell.Rang -= session.Idle.Interrupt;
        }
    }

    private async Task<Wake> IdleAsync(bool caughtUp, TimeSpan limit, long began, Wake late, CancellationToken stopping)
    {
        while (limit - time.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            if (Reason(caughtUp) is { } reason)
                return reason;
            var updates = await session.Idle.CheckAsync(left, stopping);
            _catchUp.Hear(updates);
            if (time.GetElapsedTime(began) >= IdleOffer.Soon)
                memory.Idle.Held();
            // Dovecot, when the folder was deleted and made anew: the session stays, and its STATUS is of before (docs/providers.md).
            if (updates.OfType<RawUpdate>().FirstOrDefault(update => IsOutOfView(update.Line)) is { } said)
                throw new FolderReplacedException($"The server says of the selected folder: {said.Line}");
            // Keep-alives and flags say nothing of new mail; and while there is no room, new mail says nothing either.
            if (caughtUp && updates.Any(IsNews))
                return Wake.News;
        }

        return late;
    }

    private static bool IsNews(IdleUpdate update) => update is ExistsUpdate or RecentUpdate;

    private static bool IsOutOfView(string line) => line.StartsWith("* NO ", StringComparison.OrdinalIgnoreCase)
        && (line.Contains("internal error", StringComparison.OrdinalIgnoreCase) || line.Contains("deleted", StringComparison.OrdinalIgnoreCase));

    /// <summary>A server without IDLE is asked from time to time; NOOP makes it look (RFC 9051, 6.1.2). What a delivery wants is served in between, and is no reason to look.</summary>
    private async Task<Wake> PollAsync(bool caughtUp, TimeSpan limit, Wake late, CancellationToken stopping)
    {
        using var timer = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping);
        while (!either.IsCancellationRequested)
        {
            if (Reason(caughtUp) is { } reason)
                return reason;
            await bell.Rung.WaitAsync(either.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        stopping.ThrowIfCancellationRequested();
        await session.NoOpAsync(stopping);
        return late;
    }

    private Wake? Reason(bool caughtUp)
    {
        bell.Silence();
        if (requests.Any)
            return Wake.Request;
        if (line.HasMissed)
            return Wake.Again;
        return !caughtUp && line.Pump.Room >= CatchUp.Portion && !line.OwesTooMuch ? Wake.Room : null;
    }
}
