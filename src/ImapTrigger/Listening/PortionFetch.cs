using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>Fetches named messages and takes them up. One whose metadata breaks the fetch is found, taken down the ladder, and at last put aside (law 15).</summary>
internal sealed class PortionFetch(IFolderView folder, DeliveryLine line, FetchCare care, MailboxSource source, ILogger logger)
{
    private int _highest;

    /// <summary>The highest sequence number that came since it was last asked.</summary>
    public int TakeHighest()
    {
        (var highest, _highest) = (_highest, 0);
        return highest;
    }

    /// <summary>All that was announced above the cursor, in one command. Who looks begins the calls (<see cref="Delivery.DeliveryPump.TakeHeld"/>).</summary>
    public async Task<int> AnnouncedAsync(CancellationToken cancellationToken)
    {
        var last = line.Cursor.LastUid;
        var answer = await folder.FetchAboveAsync(last, care.Rung, cancellationToken);
        _highest = Math.Max(_highest, answer.Highest);
        var messages = answer.Messages.Where(message => message.Uid > last).ToArray();
        Enqueue(messages, hold: true);
        // Whoever refuses is asked by name next; one that broke the session is looked for by the next session, which begins by asking for names.
        if (answer.Failure is { EndsSession: true } failure)
            throw Broken(failure);
        return messages.Length;
    }

    /// <summary>Messages that the server has named, rising. Those that do not come are owed. Returns how many came.</summary>
    public async Task<int> NamedAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var came = 0;
        for (var i = 0; i < uids.Count;)
        {
            var group = uids.Skip(i).Take(Math.Min(care.Together(uids[i]), uids.Count - i)).ToArray();
            if (group.Length == 1 && care.IsAlone(group[0]))
            {
                line.Owe(group[0]);
                came += await SuspectAsync(group[0], cancellationToken) ? 1 : 0;
                i++;
                continue;
            }

            if (line.IsCareful)
            {
                line.Cursor.Probe(group[0], group[^1]);
                await line.RecordedAsync(cancellationToken);
            }

            var answer = await folder.FetchAsync(group, care.Rung, cancellationToken);
            _highest = Math.Max(_highest, answer.Highest);
            if (line.IsCareful)
                line.Cursor.ProbeEnded();
            came += answer.Messages.Count;
            i += TakeUp(group, answer);
        }

        return came;
    }

    /// <summary>
    /// One message alone, each time with less that can be spoilt. Each try is on record before it is made, so that one that ends the process counts. False when
    /// the server has answered without it.
    /// </summary>
    /// <exception cref="ImapSessionException">The session is broken; the next goes on one rung lower.</exception>
    public async Task<bool> SuspectAsync(uint uid, CancellationToken cancellationToken)
    {
        for (var refused = false; ; refused = true)
        {
            var tries = line.Cursor.Suspect(uid);
            if (tries > Math.Max(line.Pump.MaxAttempts, (int)FetchRung.Bare + 1))
            {
                PutAside(uid);
                return true;
            }

            await line.RecordedAsync(cancellationToken);
            var rung = RungOf(tries);
            var answer = await folder.FetchAsync([uid], rung, cancellationToken);
            if (answer.Failure is { } problem && !await MayBeItsDoingAsync(problem, uid, cancellationToken))
            {
                line.Cursor.Unsuspect(uid);
                line.Record();
                throw problem.EndsSession ? problem : new ImapSessionException(ImapSessionError.ServerUnavailable, problem.Message, problem);
            }

            if (answer.Messages.Count > 0)
                TakeUp(answer.Messages, uid, rung);
            else if (answer.Failure is not null)
                care.Found();
            if (answer.Failure is { EndsSession: true } failure)
                throw Broken(failure);
            if (answer.Messages.Count > 0)
                return true;
            if (answer.Failure is not null)
                continue;
            // It broke nothing this time: it may be gone.
            if (tries > 1)
                line.Cursor.Unsuspect(uid);
            return refused;
        }
    }

    /// <summary>Whether the message may be why its fetch failed: not where the server cannot serve, or says so and gives none of the others either.</summary>
    private async Task<bool> MayBeItsDoingAsync(ImapSessionException failure, uint uid, CancellationToken cancellationToken)
    {
        if (failure.EndsSession || failure.Patience == TimeSpan.Zero)
            return failure.MayBeContent;
        try
        {
            return (await folder.FetchLastArrivalsAsync(2, cancellationToken)).FirstOrDefault(arrival => arrival.Uid != uid) is { } other
                && await folder.FetchAsync([other.Uid], care.Rung, cancellationToken) is { Failure: null, Messages.Count: > 0 };
        }
        catch (ImapSessionException e) when (!e.EndsSession)
        {
            return false;
        }
    }

    private FetchRung RungOf(int tries)
    {
        // Where there are no ids, that rung is no other than the first.
        var below = tries > 1 && !folder.HasIds ? tries : tries - 1;
        var rung = (FetchRung)Math.Min(below, (int)FetchRung.Bare);
        return rung < care.Rung ? care.Rung : rung;
    }

    private void TakeUp(IReadOnlyList<ImapEvent> messages, uint uid, FetchRung rung)
    {
        line.Enqueue(messages);
        if (rung == care.Rung)
        {
            care.Cleared();
            care.Came();
            return;
        }

        care.Found();
        logger.MetadataInPart(source, uid, rung.ToString());
        if (care.CameOn(rung))
            logger.IdsUnreadable(source);
    }

    /// <summary>Takes up what came, and owes what should have come before it. Returns how many of the group are done with.</summary>
    private int TakeUp(uint[] group, FetchAnswer answer)
    {
        var messages = answer.Messages.ToDictionary(message => message.Uid);
        var done = answer.Failure is null ? group.Length : Array.FindLastIndex(group, messages.ContainsKey) + 1;
        // In order of UID, so that nothing between is taken for a gap.
        if (messages.Count == done)
            Enqueue(answer.Messages);
        else
            foreach (var uid in group.Take(done))
            {
                if (messages.TryGetValue(uid, out var message))
                    Enqueue([message]);
                else if (line.Cursor.Find(uid) is null)
                    Owe(uid);
            }

        if (answer.Failure is not { } failure)
            return done;
        logger.MetadataUnreadable(source, group[0], group[^1], source.Told(failure));
        if (done < group.Length && failure.MayBeContent)
            care.Suspect(group[done], group[^1], group.Length - done, inOrder: done > 0 || failure.Error == ImapSessionError.ProtocolError);
        return failure.EndsSession ? throw Broken(failure) : done;
    }

    private void Enqueue(IReadOnlyList<ImapEvent> messages, bool hold = false)
    {
        if (messages.Count == 0)
            return;
        line.Enqueue(messages, hold);
        care.Came();
    }

    private void Owe(uint uid)
    {
        logger.NamedNotGiven(source, uid);
        Metrics.NotGiven.Add(1);
        line.Owe(uid);
    }

    private void PutAside(uint uid)
    {
        care.Found();
        line.PutAside(
            new ImapEvent
            {
                Account = source.Account.UserName,
                Folder = folder.Selected.Name,
                UidValidity = folder.Selected.UidValidity,
                Uid = uid,
                Tag = source.Tag,
                IncompleteReason = "Could not be read from the server: anything but that it is there.",
            },
            new InvalidOperationException($"The metadata of message {uid} could not be fetched on any rung; each try was refused, or ended the session or the process."));
    }

    private ImapSessionException Broken(ImapSessionException failure)
    {
        if (failure.MayBeContent)
            care.Broke();
        return failure;
    }
}
