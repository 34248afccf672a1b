using System.Diagnostics;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// Brings the line up to date in one session: what the server has above the cursor is named, fetched and enqueued, and what it announced or promised
/// is compared with what came (law 14). What IDLE announced decides only how the question is put, never what is new (law 2).
/// </summary>
internal sealed class CatchUp
{
    /// <summary>Messages per FETCH: the first call begins early and memory stays flat, however long the backlog.</summary>
    public const int Portion = 250;

    /// <summary>So few announced messages are fetched without asking for their UIDs before, which saves a round trip.</summary>
    private const int Few = 20;

    /// <summary>So many UIDs are asked for at once, at first.</summary>
    public const uint Window = 10_000;

    /// <summary>Every so many quiet looks the folder itself is asked, whatever STATUS says.</summary>
    private const int StatusTrusted = 3;

    private const int LooksWithoutStatus = 6;

    private readonly IFolderView _folder;
    private readonly DeliveryLine _line;
    private readonly FetchCare _care;
    private readonly PortionFetch _fetch;
    private readonly MissingMessages _missing;
    private readonly AskAgain _again;
    private readonly MailboxSource _source;
    private int _count;
    private int _announced;
    private int _owed;
    private uint _promised;
    private uint _forgiven;
    private int _quietLooks;
    private int _withoutStatus;
    private bool _blind;
    private bool _isBehind;

    // What was named last and not fetched, for want of room.
    private (UidRange Range, IReadOnlyList<uint> Uids)? _named;

    public CatchUp(IFolderView folder, DeliveryLine line, FetchCare care, MailboxSource source, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _line = line;
        _care = care;
        _source = source;
        _fetch = new PortionFetch(folder, line, care, source, logger);
        _missing = new MissingMessages(folder, line, _fetch, source, time, logger);
        _again = new AskAgain(time, repeatLast: false, 1, 2, 5, 15);
        _count = _announced = folder.Selected.Count;
        Promise(folder.Selected.UidNext);
    }

    /// <summary>First in a session: what an earlier owner or session left open and nobody works on yet.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken) => _missing.ResumeAsync(cancellationToken);

    /// <summary>Takes note of what the server said while it idled.</summary>
    public void Hear(IReadOnlyList<IdleUpdate> updates)
    {
        foreach (var update in updates)
        {
            if (update is ExistsUpdate exists)
                _announced = exists.Count;
            else if (update is ExpungeUpdate or VanishedUpdate)
                _named = null;
        }
    }

    /// <summary>Whether the server has announced something since the last look.</summary>
    public bool HasNews
    {
        get
        {
            Hear(_folder.DrainUpdates());
            return _announced > _count;
        }
    }

    /// <summary>How long until there is to be a look although nothing was said, within a limit: a question is asked again.</summary>
    public TimeSpan NextLook(TimeSpan limit) => _missing.Again.OrSooner(_again.OrSooner(limit));

    /// <summary>Looks for what is new and fetches it, as far as there is room for it.</summary>
    /// <param name="why">Why there is a look.</param>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="FolderReplacedException">The folder's name means another mailbox now, or this session's view of it is old.</exception>
    /// <exception cref="ImapSessionException">The session is broken.</exception>
    public async Task<CatchUpResult> RunAsync(Wake why, CancellationToken cancellationToken)
    {
        using var receive = Tracing.StartReceive(_source.Account.Host, _source.Folder);
        try
        {
            var look = await LookAsync(why, cancellationToken);
            receive?.SetTag(TagNames.MessageCount, look.Found);
            return look;
        }
        catch (Exception e)
        {
            // What came before the session broke is delivered all the same.
            _line.Pump.TakeHeld()?.Invoke();
            receive?.SetTag(TagNames.Error, e.GetType().FullName).SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private async Task<CatchUpResult> LookAsync(Wake why, CancellationToken cancellationToken)
    {
        var look = await DiscoverAsync(why, cancellationToken);
        // What has been seen is not owed when it is announced: some servers give a message first, and announce it behind that.
        var seen = _fetch.TakeHighest();
        (_announced, _count) = (Math.Max(_announced, seen), Math.Max(_count, seen));
        _isBehind = !look.CaughtUp;
        if (_isBehind)
        {
            if (_line.OwesTooMuch)
                await _missing.AskAsync(cancellationToken);
            return look;
        }

        _line.CaughtUp();
        _owed = Math.Max(0, _owed - look.Found);
        await _missing.AskAsync(cancellationToken);
        if (_owed == 0 && (_promised <= _line.Cursor.LastUid || _promised == _forgiven))
            _again.Stop();
        else if (_again.Left is null || _again.IsDue)
            AskAgainOrForgive();
        return look;
    }

    private async Task<CatchUpResult> DiscoverAsync(Wake why, CancellationToken cancellationToken)
    {
        var announced = Announced();
        if (!_isBehind && (announced > 0 || why == Wake.News) && announced <= Few && _again.Left is null && _line.Pump.Room >= Portion && !_care.Suspects(_line.Cursor.LastUid))
            return new CatchUpResult(await _fetch.AnnouncedAsync(cancellationToken), CaughtUp: true);
        if (announced == 0 && why == Wake.Start && HasNothingNew)
        {
            // What a server says of itself is not believed for long: the look that is due next asks.
            _quietLooks = StatusTrusted;
            return new CatchUpResult(0, CaughtUp: true);
        }

        if (announced == 0 && !_again.IsDue && (why == Wake.Again || (why == Wake.Due && await IsQuietAsync(cancellationToken))))
            return new CatchUpResult(0, CaughtUp: true);
        return await FetchNamedAsync(why, cancellationToken);
    }

    /// <summary>Whether SELECT has just said that there is nothing above the cursor.</summary>
    private bool HasNothingNew => _folder.Selected.UidNext is { } next && next - 1 == _line.Cursor.LastUid && _promised <= _line.Cursor.LastUid;

    /// <summary>
    /// One question at a look that is due: does the name still mean this mailbox (RFC 9051, 6.3.11), and has it grown? Its answer is not believed for ever:
    /// some servers answer of the selected mailbox what it was.
    /// </summary>
    private async Task<bool> IsQuietAsync(CancellationToken cancellationToken)
    {
        if (_quietLooks++ % (StatusTrusted + 1) == StatusTrusted)
            return false;
        var told = _announced;
        if (await StatusAsync(cancellationToken) is not { } status)
            return false;
        var selected = _folder.Selected;
        if ((status.UidValidity ?? selected.UidValidity) != selected.UidValidity || (status.MailboxId ?? selected.MailboxId) != selected.MailboxId)
            throw new FolderReplacedException($"The name {selected.Name} means another mailbox now.");
        Promise(status.UidNext);
        _blind = status.Count > told;
        return Announced() == 0 && (_promised <= _line.Cursor.LastUid || _promised == _forgiven);
    }

    /// <summary>A server that does not answer STATUS here is asked by selecting the name anew, from time to time.</summary>
    private async Task<FolderStatus?> StatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _folder.StatusAsync(cancellationToken) is { } status)
                return status;
        }
        catch (ImapSessionException e) when (!e.EndsSession)
        {
            throw new FolderReplacedException($"The server says nothing of the name {_folder.Selected.Name}: {e.Message}");
        }

        return ++_withoutStatus % LooksWithoutStatus == 0 ? throw new FolderReplacedException("It is selected anew, for the server does not say what its name means.") : null;
    }

    /// <summary>
    /// Names what there is above the cursor, in ranges with two ends where it can, and fetches it by portions. What was named and had no room need not be named again, unless something
    /// was removed meanwhile.
    /// </summary>
    private async Task<CatchUpResult> FetchNamedAsync(Wake why, CancellationToken cancellationToken)
    {
        var found = 0;
        var width = Window;
        var known = _line.Cursor.LastUid;
        var left = why == Wake.Room ? _named : null;
        _named = null;
        if (left is null && _promised == 0 && _folder.Selected.Count > Window && await _folder.FetchLastArrivalsAsync(1, cancellationToken) is [.., var highest])
            _promised = highest.Uid;
        while (true)
        {
            // What lies near enough is asked for with an open end: a promise may be too low.
            var range = left?.Range ?? (_promised > known && _promised - known > width ? new UidRange(known + 1, known + width) : UidRange.Above(known));
            var uids = left?.Uids ?? await NameAsync(range, cancellationToken);
            var wanted = uids.Where(uid => _line.Cursor.Find(uid) is null).ToArray();
            for (var i = 0; i < wanted.Length; i += Portion)
            {
                var portion = wanted[i..Math.Min(i + Portion, wanted.Length)];
                if (_line.Pump.Room < portion.Length || _line.OwesTooMuch)
                {
                    _named = (range, wanted[i..]);
                    return new CatchUpResult(found, CaughtUp: false);
                }

                found += await _fetch.NamedAsync(portion, cancellationToken);
            }

            await _missing.ThinOutAsync(cancellationToken);
            // What came since it was named is above it.
            if (range.To == uint.MaxValue && left is null)
                return new CatchUpResult(found, CaughtUp: true);
            known = range.To == uint.MaxValue ? _line.Cursor.LastUid : range.To;
            width = uids.Count == 0 ? Math.Min(width * 2, uint.MaxValue / 2) : Window;
            left = null;
        }
    }

    /// <summary>
    /// By FETCH, and the other time by SEARCH: real servers are known on which the one finds what the other does not. Of many by SEARCH first, whose answer has a number for each and no
    /// more.
    /// </summary>
    private async Task<IReadOnlyList<uint>> NameAsync(UidRange range, CancellationToken cancellationToken)
    {
        var promised = Math.Min(range.To, _promised);
        var many = _owed > Portion || (promised > range.From && promised - range.From > Portion);
        // n:* of SEARCH is what fails on some, so its range ends where the promise ends, unless it is outdated by what was announced.
        var searched = _owed > Portion ? range : range with { To = promised };
        var bySearch = searched.To >= searched.From && _again.Asked % 2 == (many ? 0 : 1);
        try
        {
            return bySearch ? await _folder.SearchAsync([searched], cancellationToken) : await _folder.FindAsync([range], cancellationToken);
        }
        catch (ImapSessionException e) when (!e.EndsSession)
        {
            return bySearch && many ? await _folder.FindAsync([range], cancellationToken) : await _folder.SearchAsync([range], cancellationToken);
        }
    }

    /// <summary>How many messages more there seem to be than were found.</summary>
    private int Announced()
    {
        Hear(_folder.DrainUpdates());
        _owed = Math.Max(0, _owed + _announced - _count);
        _count = _announced;
        return _owed;
    }

    private void Promise(uint? uidNext)
    {
        if (uidNext is > 1)
            _promised = Math.Max(_promised, uidNext.Value - 1);
    }

    /// <summary>Less came than was announced or promised: some servers announce a message before it can be fetched, and some messages go at once.</summary>
    private void AskAgainOrForgive()
    {
        if (_again.Next())
            return;
        if (_blind && _owed > 0)
            throw new FolderReplacedException("STATUS counts messages that this session does not see.");
        _owed = 0;
        _forgiven = _promised;
    }
}
