using MailKit;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>Whether another name means the selected folder. Only the server knows: an alias, a link, a prefix, a name without case.</summary>
public sealed partial class ImapSession
{
    /// <summary>Mail may come between two questions, which are then asked again.</summary>
    private const int Comparisons = 3;

    private readonly Dictionary<string, Target> _targets = new(StringComparer.Ordinal);

    /// <summary>The folder that messages are to be moved to; the server is asked once in a session.</summary>
    private async Task<Target> TargetAsync(string name, CancellationToken cancellationToken)
    {
        if (!_targets.TryGetValue(name, out var target))
        {
            var folder = await _client.GetFolderAsync(FolderName.Decode(name), cancellationToken);
            _targets[name] = target = new Target(folder) { IsSelected = await IsSelectedAsync(folder, cancellationToken) };
        }

        return target;
    }

    private const StatusItems Numbers = StatusItems.UidValidity | StatusItems.UidNext | StatusItems.Count | StatusItems.HighestModSeq;

    private async Task<bool> IsSelectedAsync(IMailFolder folder, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(folder, _folder) || FolderName.AreSame(folder.FullName, _folder!.FullName))
            return true;
        // Two folders of one account hardly have one UIDVALIDITY.
        if (await StatusAsync(folder, Numbers, cancellationToken) is not { } there || there.UidValidity != _folder.UidValidity)
            return false;
        // RFC 8474: the same object, or another one, whatever it is called. Asked alone: Cyrus 3.6 answers it beside others with bytes that break the connection.
        if (_folder.Id is not null && await StatusAsync(folder, StatusItems.MailboxId, cancellationToken) is { Id: { } id })
            return id == _folder.Id;
        // Without it: never the same numbers for long. STATUS of the selected folder (RFC 9051, 6.3.11: should not be used) only when there is this reason for it.
        for (var i = 0; i < Comparisons; i++)
        {
            if (await StatusAsync(_folder, Numbers, cancellationToken) is not { } here || await StatusAsync(folder, Numbers, cancellationToken) is not { } again)
                return false;
            if (here == again)
                return true;
        }

        return false;
    }

    /// <summary>Null where there is no answer: what is wrong with the folder, moving to it will tell.</summary>
    private static async Task<FolderState?> StatusAsync(IMailFolder folder, StatusItems items, CancellationToken cancellationToken)
    {
        try
        {
            await folder.StatusAsync(items, cancellationToken);
            return new FolderState(folder.Id, folder.UidValidity, folder.UidNext?.Id, folder.Count, folder.HighestModSeq);
        }
        catch (Exception e) when (e is ImapCommandException or FolderNotFoundException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether a message that was moved or copied has come back: the server says under which UID it is (COPYUID, RFC 4315).</summary>
    private async Task<bool> CameBackAsync(UniqueId from, UniqueIdMap map, CancellationToken cancellationToken)
    {
        if (map.Destination is not [var to, ..] || to.Validity != Folder!.UidValidity || to.Id <= from.Id)
            return false;
        // What another name has brought in need not be in our view yet.
        await _client.NoOpAsync(cancellationToken);
        var found = await _folder!.FetchAsync([new UniqueId(to.Id)], MessageSummaryItems.UniqueId, cancellationToken);
        return found.Any(message => message.UniqueId.Id == to.Id);
    }

    /// <param name="Folder">Where to.</param>
    private sealed record Target(IMailFolder Folder)
    {
        /// <summary>Whether it is the folder that is watched.</summary>
        public bool IsSelected { get; set; }
    }

    private sealed record FolderState(string? Id, uint UidValidity, uint? UidNext, int Count, ulong HighestModSeq);
}
