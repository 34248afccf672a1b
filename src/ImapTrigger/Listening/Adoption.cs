using System.Collections.Concurrent;
using ImapTrigger.Diagnostics;
using ImapTrigger.Imap;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>
/// A mailbox without a cursor may have had one under another name: another port, host or user name, a function that was renamed. It goes on from there
/// when the server shows that it is the same mailbox, and nobody uses that cursor any more. Asked at first starts only.
/// </summary>
internal sealed class Adoption(LeftBehind leftBehind, Func<IReadOnlyDictionary<string, MailboxSource>> mailboxes, bool isList, TimeProvider time, ILogger logger)
{
    /// <summary>So long an owner is waited for that may be dead, or on its way out in a rolling deployment.</summary>
    private static readonly TimeSpan Patience = 2 * LeaseTiming.Duration;

    /// <summary>Longer than this a function is not away that was only renamed.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(30);

    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private Unwatched? _unwatched;
    private readonly ConcurrentDictionary<string, uint> _asking = new(StringComparer.Ordinal);

    /// <summary>The cursor to go on from, which has to be put on record; null when this is a first start, or since when the mailbox is wanted under another name.</summary>
    public async Task<MailboxCursor?> FindAsync(MailboxSource source, IFolderView folder, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var patient = time.GetElapsedTime(began) < Patience;
            var stored = await ReadAsync(source, cancellationToken);
            var candidates = Candidates(source, folder.Selected, stored.For(source).Where(cursor => cursor.Cursor.WantedSince is null));
            var (chosen, refused) = await ChooseAsync(candidates, source, folder, patient, cancellationToken);
            if (chosen is null)
            {
                Warn(source, folder.Selected, candidates, refused);
                return NeverOpened(source, stored.Others);
            }

            if (chosen.IsFree)
            {
                logger.Adopted(chosen is { IsOurs: true, Kinship: >= Kinship.Mailbox } ? LogLevel.Information : LogLevel.Warning, source, chosen.ToString(), chosen.Stored.Cursor.LastUid);
                return chosen.Stored.Cursor;
            }

            await Task.Delay(ReadAgain, time, cancellationToken);
        }
    }

    /// <summary>What was wanted under a name that was wrong: its mail is waited for since then.</summary>
    private MailboxCursor? NeverOpened(MailboxSource source, IEnumerable<StoredCursor> stored) => stored
        .Where(cursor => cursor.Cursor.WantedSince > time.GetUtcNow() - Forgotten && leftBehind.IsOurs(cursor))
        // In a list, another mailbox may be meant.
        .Where(cursor => !isList || source.Name.KinshipOf(cursor.Mailbox) >= Kinship.User)
        .Select(cursor => cursor.Cursor).MinBy(cursor => cursor.WantedSince);

    /// <summary>The first to which there is no objection, and the first to which there was one.</summary>
    private async Task<(Candidate? Chosen, Refusal? Refused)> ChooseAsync(
        Candidate[] candidates, MailboxSource source, IFolderView folder, bool patient, CancellationToken cancellationToken)
    {
        Refusal? refused = null;
        foreach (var candidate in candidates.Where(candidate => candidate.Kinship != Kinship.None))
        {
            var objection = await ObjectionAsync(candidate, source, folder, cancellationToken);
            if (objection is null && (candidate.IsFree || (patient && candidate.Kinship != Kinship.Folder)))
                return (candidate, refused);
            refused ??= new Refusal(candidate, objection ?? "somebody is using it");
        }

        return (null, refused);
    }

    private async Task<Unwatched> ReadAsync(MailboxSource source, CancellationToken cancellationToken)
    {
        string? said = null;
        while (true)
        {
            var answer = await leftBehind.ReadAsync(ReadAgain / 2, cancellationToken);
            if (answer is { Outcome: StoreOutcome.Done, Value: { } cursors })
                return Without(cursors, mailboxes());
            if (said != (said = answer.Sentence))
                logger.AdoptionUnknown(source, leftBehind.Location, said);
            await Task.Delay(ReadAgain, time, cancellationToken);
        }
    }

    /// <summary>Many mailboxes that begin together share one reading, and what is left of it.</summary>
    private Unwatched Without(IReadOnlyList<StoredCursor> stored, IReadOnlyDictionary<string, MailboxSource> watched)
    {
        lock (_gate)
            return _unwatched?.IsOf(stored, watched) == true ? _unwatched : _unwatched = new Unwatched(stored, watched, leftBehind.IsOurs);
    }

    /// <summary>What nobody configures, what is most likely the same first.</summary>
    private Candidate[] Candidates(MailboxSource source, SelectedFolder folder, IEnumerable<StoredCursor> stored) =>
    [
        .. stored.Select(cursor => new Candidate(cursor, leftBehind.IsOurs(cursor), cursor.Mailbox == source.Key ? Kinship.Itself : source.Name.KinshipOf(cursor.Mailbox)))
            .OrderByDescending(candidate => candidate.Stored.Cursor.UidValidity == folder.UidValidity)
            .ThenByDescending(candidate => candidate.Kinship > Kinship.Folder)
            // A function that has state of its own has not been renamed.
            .ThenByDescending(candidate => candidate.IsOurs)
            .ThenByDescending(candidate => candidate.Kinship)
            .ThenByDescending(candidate => candidate.Stored.Cursor.LastUid)
            .ThenByDescending(candidate => candidate.Stored.Written),
    ];

    /// <summary>Why a cursor is not taken; null when it is.</summary>
    private async Task<string?> ObjectionAsync(Candidate candidate, MailboxSource source, IFolderView folder, CancellationToken cancellationToken)
    {
        var cursor = candidate.Stored.Cursor;
        var isCertain = candidate.Kinship == Kinship.Itself || (candidate.Kinship == Kinship.Mailbox && !source.HasNamesake);
        // What UIDVALIDITY and UIDNEXT then mean is decided as at any other start.
        if (isCertain && candidate.IsOurs)
            return null;
        if (!candidate.IsOurs && time.GetUtcNow() - candidate.Stored.Written > Forgotten)
            return $"it was last written on {candidate.Stored.Written:yyyy-MM-dd}";
        if (cursor.UidValidity != folder.Selected.UidValidity)
            return $"its UIDVALIDITY is {cursor.UidValidity}, and the folder's is {folder.Selected.UidValidity}";
        if (folder.Selected.UidNext <= cursor.LastUid)
            return $"it stands at UID {cursor.LastUid}, and the folder has not had so many messages";
        var proof = await ProveAsync(cursor, source, folder, cancellationToken);
        if (proof == Proof.Other)
            return "the message that was settled last there is not the same here";
        return proof == Proof.Same || isCertain || (candidate.Kinship == Kinship.User && !source.HasNamesake)
            ? null
            : "the user's name is another, and there is no message that would show that the mailbox is the same";
    }

    /// <summary>Whether the message that was settled last is there under its UID.</summary>
    private async Task<Proof> ProveAsync(MailboxCursor cursor, MailboxSource source, IFolderView folder, CancellationToken cancellationToken)
    {
        var uid = cursor.Last?.Uid ?? cursor.LastUid;
        // Records of version 1 have no mark, but the Message-IDs of what they settled.
        if (uid == 0 || (cursor.Last is null && (cursor.Recent.Count == 0 || cursor.Open.ContainsKey(uid))))
            return Proof.None;
        if (await ArrivalAsync(uid, source, folder, cancellationToken) is not { } found)
            return Proof.None;
        if (cursor.Last is not { } mark)
            return cursor.Recent.Lookup()(found.MessageId, found.Size, found.Date) ? Proof.Same : Proof.None;
        var id = found.MessageId is null ? null : MessageIdentity.OfMessageId(found.MessageId);
        if (mark.Id is not null && id is not null)
            return mark.Id == id ? Proof.Same : Proof.Other;
        if (mark.Size is null || found.Size is null)
            return Proof.None;
        return mark.Size == found.Size ? Proof.Same : Proof.Other;
    }

    private async Task<Arrival?> ArrivalAsync(uint uid, MailboxSource source, IFolderView folder, CancellationToken cancellationToken)
    {
        // It has broken the session before: there is no getting to know it.
        if (_asking.TryGetValue(source.Key, out var asked) && asked == uid)
            return null;
        _asking[source.Key] = uid;
        try
        {
            var found = await folder.FetchArrivalsAsync([new UidRange(uid, uid)], messageIds: true, cancellationToken);
            _asking.TryRemove(source.Key, out _);
            return found.FirstOrDefault(arrival => arrival.Uid == uid);
        }
        catch (ImapSessionException e) when (!e.EndsSession)
        {
            return null;
        }
    }

    /// <summary>A first start is as it should be for a new mailbox; beside state that nobody uses it may be a mistake.</summary>
    private void Warn(MailboxSource source, SelectedFolder folder, Candidate[] candidates, Refusal? refused)
    {
        // In a list, mailboxes come and go.
        if (refused is var (near, objection) && (near.Kinship >= Kinship.User || near.Stored.Cursor.UidValidity == folder.UidValidity || !isList))
            logger.NotAdopted(source, near.ToString(), objection, near.StateName);
        else if (!isList && candidates.Where(IsLeft).OrderByDescending(candidate => candidate.IsOurs).ThenByDescending(candidate => candidate.Stored.Written).FirstOrDefault() is { } left)
            logger.NotAdopted(source, left.ToString(), "it is another folder's", left.StateName);
    }

    private bool IsLeft(Candidate candidate) => candidate.IsOurs || (candidate.IsFree && time.GetUtcNow() - candidate.Stored.Written <= Forgotten);

    /// <summary>The cursors that are stored, but for those of our own mailboxes.</summary>
    private sealed class Unwatched(IReadOnlyList<StoredCursor> stored, IReadOnlyDictionary<string, MailboxSource> watched, Func<StoredCursor, bool> isOurs)
    {
        private readonly ILookup<string, StoredCursor> _own = stored.Where(cursor => isOurs(cursor) && watched.ContainsKey(cursor.Mailbox)).ToLookup(cursor => cursor.Mailbox);

        public StoredCursor[] Others { get; } = [.. stored.Where(cursor => !isOurs(cursor) || !watched.ContainsKey(cursor.Mailbox))];

        public bool IsOf(IReadOnlyList<StoredCursor> read, IReadOnlyDictionary<string, MailboxSource> list) => read == stored && list == watched;

        /// <summary>Under the mailbox's own key one lies in a place where nobody looks, moved there by hand.</summary>
        public IEnumerable<StoredCursor> For(MailboxSource source) => Others.Concat(_own[source.Key]);
    }

    private enum Proof
    {
        None,
        Same,
        Other,
    }

    private sealed record Refusal(Candidate Candidate, string Objection);

    private sealed record Candidate(StoredCursor Stored, bool IsOurs, Kinship Kinship)
    {
        /// <summary>Whether nobody can be at work with it. (Who holds a record of ours may do so for another mailbox.)</summary>
        public bool IsFree => IsOurs || !Stored.IsHeld;

        public string StateName => StateKey.NameOf(Stored.Function);

        public override string ToString() => IsOurs ? Stored.Mailbox : $"{Stored.Mailbox} of function {StateName}";
    }
}
