using MailKit;
using MailKit.Search;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>What only the trigger fetches: messages that others cannot be fetched with, raw bytes, and what is left to go by when UIDs mean nothing.</summary>
public sealed partial class ImapSession
{
    /// <summary>The metadata of one message whose metadata could not be read together with others; null when it is gone.</summary>
    internal Task<ImapEvent?> FetchOneAsync(uint uid, FetchScope scope, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        var items = _items & ~MessageSummaryItems.Envelope & ~(scope == FetchScope.WithoutStructure ? MessageSummaryItems.BodyStructure : MessageSummaryItems.None);
        return RunAsync($"fetch the metadata of message {uid}", async token =>
        {
            var id = new UniqueId(uid);
            var summary = (await _folder!.FetchAsync([id], items, token)).FirstOrDefault(found => found.UniqueId == id);
            return summary is null ? null : Map(summary, await RawHeaders.FetchAsync(_folder!, id, token));
        }, cancellationToken);
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

    /// <summary>When messages came that arrived on this day or later, and what they call themselves; rising by UID.</summary>
    internal Task<IReadOnlyList<Arrival>> FetchArrivalsAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("SEARCH");
        return RunAsync<IReadOnlyList<Arrival>>("search for messages by date", async token =>
        {
            // A day earlier: SINCE compares days, in the server's own time zone (RFC 9051, 6.4.4).
            var query = since > DateTimeOffset.UnixEpoch ? SearchQuery.DeliveredAfter(since.UtcDateTime.Date.AddDays(-1)) : SearchQuery.All;
            var uids = await _folder!.SearchAsync(query, token);
            var summaries = uids.Count == 0 ? [] : await _folder.FetchAsync(uids, new FetchRequest(MessageSummaryItems.UniqueId | MessageSummaryItems.InternalDate, [HeaderId.MessageId]), token);
            return summaries.Where(summary => summary is { UniqueId.IsValid: true, InternalDate: not null })
                .Select(summary => new Arrival(summary.UniqueId.Id, summary.InternalDate!.Value, EventMapper.MessageId(summary.Headers?[HeaderId.MessageId])))
                .OrderBy(arrival => arrival.Uid)
                .ToArray();
        }, cancellationToken);
    }
}
