using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>The questions of who looks for new mail. Ranges have two ends wherever they can: a server may spell out all that lies in one.</summary>
public sealed partial class ImapSession : IFolderView
{
    SelectedFolder IFolderView.Selected => Folder!;

    bool IFolderView.HasIds => (_client.Capabilities & (ImapCapabilities.ObjectID | ImapCapabilities.GMailExt1)) != 0;

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates() => _updates.Drain();

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        return RunAsync("ask for UIDs", async token => UidSets.Within(ranges, [.. (await _folder!.FetchAsync(SetOf(ranges), MessageSummaryItems.UniqueId, token)).Select(summary => summary.UniqueId).Where(uid => uid.IsValid)]), cancellationToken);
    }

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("SEARCH");
        return RunAsync("search for messages by UID", async token => UidSets.Within(ranges, await _folder!.SearchAsync(SearchQuery.Uids(SetOf(ranges)), token)), cancellationToken);
    }

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        return RunAsync("fetch when messages came", async token => ArrivalsOf(await _folder!.FetchAsync(SetOf(ranges), messageIds ? WithMessageId : WhenAndSize, token)), cancellationToken);
    }

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        return RunAsync("fetch when the last messages came", async token => ArrivalsOf(await _folder!.FetchAsync(Math.Max(0, _folder.Count - count), -1, WithMessageId, token)), cancellationToken);
    }

    /// <summary>RFC 9051 advises against STATUS of the selected mailbox, and every server answers it; how else to learn what the name means now (6.3.11)?</summary>
    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken)
    {
        ThrowIfNotReady("STATUS");
        return RunAsync<FolderStatus?>($"ask for the status of '{Folder!.Name}'", async token =>
        {
            var items = StatusItems.UidValidity | StatusItems.UidNext | StatusItems.Count;
            if (_client.Capabilities.HasFlag(ImapCapabilities.ObjectID))
                items |= StatusItems.MailboxId;
            try
            {
                await _folder!.StatusAsync(items, token);
            }
            catch (ImapCommandException e) when (e.Response == ImapCommandResponse.Bad)
            {
                return null;
            }

            return new FolderStatus(Known(_folder.UidValidity), Known(_folder.UidNext?.Id), _folder.Count, _folder.Id);
        }, cancellationToken);
    }

    private static FetchRequest WhenAndSize => new(MessageSummaryItems.UniqueId | MessageSummaryItems.InternalDate | MessageSummaryItems.Size);

    private static FetchRequest WithMessageId => new(MessageSummaryItems.UniqueId | MessageSummaryItems.InternalDate | MessageSummaryItems.Size, [HeaderId.MessageId]);

    private static IReadOnlyList<Arrival> ArrivalsOf(IEnumerable<IMessageSummary> summaries) => summaries
        .Where(summary => summary.UniqueId.IsValid)
        .Select(summary => new Arrival(summary.UniqueId.Id, summary.InternalDate, summary.Size, EventMapper.MessageId(summary.Headers?[HeaderId.MessageId])))
        .OrderBy(arrival => arrival.Uid)
        .ToArray();

    /// <summary>By its text: MailKit's AddRange spells a range out, however long.</summary>
    private static IList<UniqueId> SetOf(IReadOnlyList<UidRange> ranges) => ranges is [{ To: uint.MaxValue } above]
        ? new UniqueIdRange(new UniqueId(above.From), UniqueId.MaxValue)
        : UniqueIdSet.TryParse(string.Join(',', ranges), out UniqueIdSet set) ? set : throw new ArgumentException("No set of UIDs.", nameof(ranges));

    /// <summary>Zero is what some servers say for "I do not know".</summary>
    private static uint? Known(uint? value) => value is 0 ? null : value;
}
