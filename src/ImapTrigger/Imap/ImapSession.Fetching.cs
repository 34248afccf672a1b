using MailKit;
using MailKit.Search;

namespace ImapTrigger.Imap;

/// <summary>What only the trigger fetches: messages that others cannot be fetched with, raw bytes, and what is left to go by when UIDs mean nothing.</summary>
public sealed partial class ImapSession
{
    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) =>
        FetchAsync(new UniqueIdSet(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending), rung, cancellationToken);

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => FetchAsync(Above(uid), rung, cancellationToken);

    private async Task<FetchAnswer> FetchAsync(IList<UniqueId> uids, FetchRung rung, CancellationToken cancellationToken)
    {
        try
        {
            return new FetchAnswer(await FetchAsync(uids, cancellationToken));
        }
        catch (ImapSessionException e)
        {
            return new FetchAnswer([], e);
        }
    }

    /// <summary>A whole message, byte for byte; null when it is gone.</summary>
    internal Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        return RunAsync($"fetch message {uid}", async token =>
        {
            try
            {
                await using var stream = await _folder!.GetStreamAsync(new UniqueId(uid), string.Empty, token);
                using var raw = new MemoryStream();
                await stream.CopyToAsync(raw, token);
                return raw.ToArray();
            }
            catch (MessageNotFoundException)
            {
                return null;
            }
        }, cancellationToken);
    }
}
