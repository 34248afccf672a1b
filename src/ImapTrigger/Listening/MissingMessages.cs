using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// Asks again for what should be there and did not come: open messages by name, gaps by range. Absence in one answer decides nothing (law 13): a message
/// is gone when several looks in a row have found it neither by FETCH nor by SEARCH.
/// </summary>
internal sealed class MissingMessages(IFolderView folder, DeliveryLine line, PortionFetch fetch, MailboxSource source, TimeProvider time, ILogger logger)
{
    /// <summary>From here on a message that is named and not given may be one that cannot be given.</summary>
    private const int Patience = 4;

    private const int RangesPerCommand = 200;
    private const int SuspectsInOrder = 2;

    private readonly Dictionary<uint, int> _absent = [];
    private bool _bySearch;
    private int _known;

    public AskAgain Again { get; } = new(time, repeatLast: true, 1, 2, 5, 15, 60, 180, 540);

    /// <summary>
    /// What an earlier owner or session left open, before anything new. So does one that has broken a fetch, for the order's sake; where there are more, they wait until the others
    /// have had their turn.
    /// </summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        line.TakeBackMissed();
        if (line.Pending.Count > 0)
            logger.Resumed(source, line.Pending.Count);
        await FetchPendingAsync(cancellationToken);
        if (line.Pending.Count(uid => line.Cursor.Find(uid) is { Broken: > 0 }) <= SuspectsInOrder)
            await FetchSuspectsAsync(cancellationToken);
        if (IsAnything)
            Again.Now();
        _known = Known;
    }

    /// <summary>Asks when it is due, and sees to it that it will be where something new is missing.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        line.TakeBackMissed();
        if (Again.IsDue)
        {
            await FetchPendingAsync(cancellationToken);
            await AskForGapsAsync(cancellationToken);
            // First the pause, and last what may end the session: the others have had their turn.
            Again.Next();
            await FetchSuspectsAsync(cancellationToken);
        }

        if (!IsAnything)
            Again.Stop();
        else if (Known > _known || Again.Left is null)
            Again.Restart();
        _known = Known;
    }

    /// <summary>Where a mailbox has more gaps than are watched (half of a long backlog was deleted), they are asked for at once, in both ways.</summary>
    public async Task ThinOutAsync(CancellationToken cancellationToken)
    {
        for (var looks = 0; looks < CursorTracker.LooksToDecide && line.Cursor.Snapshot().Gaps.Count > CursorTracker.MaxGaps; looks++)
            await AskForGapsAsync(cancellationToken);
    }

    private bool IsAnything => line.Pending.Count > 0 || !line.Cursor.Snapshot().Gaps.IsEmpty;

    private int Known => line.Pending.Count + line.Cursor.Snapshot().Gaps.Count;

    private async Task FetchPendingAsync(CancellationToken cancellationToken)
    {
        var asked = line.Pending.Where(uid => line.Cursor.Find(uid) is { Broken: 0 }).ToArray();
        foreach (var portion in asked.Chunk(CatchUp.Portion))
            await fetch.NamedAsync(portion, cancellationToken);
        await JudgeAbsentAsync([.. asked.Where(uid => line.Pending.Contains(uid) && line.Cursor.Find(uid) is { Broken: 0 })], cancellationToken);
    }

    private async Task JudgeAbsentAsync(uint[] absent, CancellationToken cancellationToken)
    {
        var looks = absent.ToDictionary(uid => uid, uid => _absent[uid] = _absent.GetValueOrDefault(uid) + 1);
        foreach (var portion in absent.Where(uid => looks[uid] > 1).Chunk(RangesPerCommand))
        {
            var named = await folder.SearchAsync([.. portion.Select(uid => new UidRange(uid, uid))], cancellationToken);
            foreach (var uid in portion.Except(named).Where(uid => looks[uid] >= CursorTracker.LooksToDecide))
            {
                logger.OpenMessageGone(source, uid);
                line.Drop(uid);
                _absent.Remove(uid);
            }

            foreach (var uid in named)
            {
                _absent.Remove(uid);
                if (Again.Asked >= Patience)
                    line.Cursor.Suspect(uid);
            }
        }
    }

    private async Task FetchSuspectsAsync(CancellationToken cancellationToken)
    {
        foreach (var uid in line.Pending.Where(uid => line.Cursor.Find(uid) is { Broken: > 0 }).ToArray())
        {
            // Whatever else happens to it, it is not absent.
            _absent.Remove(uid, out var looks);
            if (await fetch.SuspectAsync(uid, cancellationToken))
                continue;
            _absent[uid] = looks;
            await JudgeAbsentAsync([uid], cancellationToken);
        }
    }

    private async Task AskForGapsAsync(CancellationToken cancellationToken)
    {
        if (line.Cursor.Snapshot().Gaps is not { IsEmpty: false } gaps)
            return;
        // The one way this time, the other the next.
        _bySearch = !_bySearch;
        foreach (var ranges in gaps.Select(gap => new UidRange(gap.From, gap.To)).Chunk(RangesPerCommand))
        {
            var late = _bySearch ? await folder.SearchAsync(ranges, cancellationToken) : await folder.FindAsync(ranges, cancellationToken);
            foreach (var uid in late)
                logger.CameLate(source, uid);
            Metrics.Late.Add(late.Count);
            if (late.Count > 0)
                await fetch.NamedAsync(late, cancellationToken);
        }

        line.Cursor.GapsDenied();
        line.Record();
    }
}
