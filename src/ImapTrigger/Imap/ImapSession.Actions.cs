using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;

namespace ImapTrigger.Imap;

/// <summary>What is done to messages, always by UID: a position may belong to somebody else's message by now (law 2).</summary>
public sealed partial class ImapSession
{
    private const int CopiesPerCommand = 200;

    /// <summary>Whether a single message can be expunged: UIDPLUS (RFC 4315), or IMAP4rev2.</summary>
    private bool CanExpungeOne => (_client.Capabilities & (ImapCapabilities.UidPlus | ImapCapabilities.IMAP4rev2)) != 0;

    /// <summary>Whether a message is moved by one command, which is done whole or not at all (RFC 6851).</summary>
    internal bool CanMove => (_client.Capabilities & (ImapCapabilities.Move | ImapCapabilities.IMAP4rev2)) != 0;

    /// <summary>Sets a keyword, or <c>\Seen</c> when none is given.</summary>
    internal Task AddFlagAsync(uint uid, string? keyword, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("STORE");
        ThrowIfReadOnly();
        return RunAsync($"flag message {uid}", async token =>
        {
            ThrowIfNotKept(keyword is null ? MessageFlags.Seen : MessageFlags.UserDefined, keyword);
            var flags = keyword is null ? new StoreFlagsRequest(StoreAction.Add, MessageFlags.Seen) : new StoreFlagsRequest(StoreAction.Add, [keyword]);
            flags.Silent = true;
            return await _folder!.StoreAsync([new UniqueId(uid)], flags, token);
        }, cancellationToken);
    }

    /// <summary>Moves a message, unless the target is the folder that is watched. Without MOVE (RFC 6851) it is copied and deleted.</summary>
    internal Task<ActionOutcome> MoveAsync(uint uid, string folder, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("MOVE");
        ThrowIfReadOnly();
        return RunAsync($"move message {uid} to '{folder}'", async token =>
        {
            var target = await TargetAsync(folder, token);
            if (target.IsSelected)
                return ActionOutcome.ToItself;
            var id = new UniqueId(uid);
            if (!CanMove)
                ThrowIfNotKept(MessageFlags.Deleted, keyword: null);
            // To copy without UIDPLUS, MailKit asks for positions, and would spell out whatever range an ESEARCH names.
            if (!CanExpungeOne)
                _client.Capabilities &= ~ImapCapabilities.ESearch;
            var moved = CanMove ? await _folder!.MoveToAsync([id], target.Folder, token) : await _folder!.CopyToAsync([id], target.Folder, token);
            // An alias that the server did not show before. What was copied into the same folder is not removed from it.
            target.IsSelected = await CameBackAsync(id, moved, token);
            if (target.IsSelected)
                return ActionOutcome.ToItself;
            return CanMove || await RemoveAsync(id, token) ? ActionOutcome.Done : ActionOutcome.OnlyFlagged;
        }, cancellationToken);
    }

    /// <summary>Copies a message, unless the target is the folder that is watched.</summary>
    internal Task<ActionOutcome> CopyAsync(uint uid, string folder, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("COPY");
        return RunAsync($"copy message {uid} to '{folder}'", async token =>
        {
            var target = await TargetAsync(folder, token);
            if (target.IsSelected)
                return ActionOutcome.ToItself;
            if (!CanExpungeOne)
                _client.Capabilities &= ~ImapCapabilities.ESearch;
            var id = new UniqueId(uid);
            target.IsSelected = await CameBackAsync(id, await _folder!.CopyToAsync([id], target.Folder, token), token);
            return target.IsSelected ? ActionOutcome.ToItself : ActionOutcome.Done;
        }, cancellationToken);
    }

    /// <summary>Whether the selected folder holds a copy of a message: COPY keeps its size and its date (RFC 9051, 6.4.7).</summary>
    internal Task<bool> HasCopyAsync(Arrival original, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("SEARCH");
        return RunAsync("look for a copy", async token =>
        {
            var found = await _folder!.SearchAsync(SearchQuery.LargerThan((int)original.Size! - 1).And(SearchQuery.SmallerThan((int)original.Size + 1)), token);
            var ranges = UidSets.Within([UidRange.Above(0)], found).Select(uid => new UidRange(uid, uid)).ToArray();
            foreach (var some in ranges.Chunk(CopiesPerCommand))
            {
                if (ArrivalsOf(await _folder.FetchAsync(SetOf(some), WithMessageId, token)).Any(copy => copy with { Uid = original.Uid } == original))
                    return true;
            }

            return false;
        }, cancellationToken);
    }

    /// <summary>Deletes a message; false when it could only be flagged.</summary>
    internal Task<bool> DeleteAsync(uint uid, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("EXPUNGE");
        ThrowIfReadOnly();
        return RunAsync($"delete message {uid}", token =>
        {
            ThrowIfNotKept(MessageFlags.Deleted, keyword: null);
            return RemoveAsync(new UniqueId(uid), token);
        }, cancellationToken);
    }

    /// <summary>A plain EXPUNGE would take along whatever others have flagged, so without UIDPLUS the flag is all.</summary>
    private async Task<bool> RemoveAsync(UniqueId id, CancellationToken cancellationToken)
    {
        await _folder!.StoreAsync([id], new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted) { Silent = true }, cancellationToken);
        if (CanExpungeOne)
            await _folder.ExpungeAsync([id], cancellationToken);
        return CanExpungeOne;
    }

    /// <summary>The server would refuse it each time, and MailKit refuses it without asking.</summary>
    private void ThrowIfReadOnly()
    {
        if (Folder!.IsReadOnly)
            throw Refuse("is read-only for this account, so nothing can be done to its messages: it needs the rights s, t and e (RFC 4314), or a function without an after-action");
    }

    /// <summary>MailKit would leave out silently what the server does not keep.</summary>
    private void ThrowIfNotKept(MessageFlags flag, string? keyword)
    {
        if (!_folder!.PermanentFlags.HasFlag(flag) && (keyword is null || !_folder.PermanentKeywords.Contains(keyword)))
            throw Refuse(keyword is null ? $"keeps no flag \\{flag}" : $"keeps no keyword {keyword}");
    }

    private ImapSessionException Refuse(string why) => new(ImapSessionError.CommandRefused, $"{_account.UserName} at {_account.Host}: the folder {Folder!.Name} {why}.");
}
