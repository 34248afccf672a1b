using MailKit;

namespace ImapTrigger.Imap;

/// <summary>The second question about a message whose ENVELOPE is missing or not to be believed: its header's bytes decide.</summary>
public sealed partial class ImapSession
{
    /// <summary>The headers of larger messages are fetched alone, and only so far.</summary>
    private const uint MaxSmall = 256 * 1024;

    /// <summary>So large may messages be together whose headers are fetched by one command.</summary>
    private const long MaxTogether = 4 * 1024 * 1024;

    /// <summary>Reads the headers that are in doubt. What stays in doubt is not to be told: the connection broke, or the server refused and nothing else is known.</summary>
    private async Task<ImapSessionException?> ReadHeadersAsync(IEnumerable<FetchedMessage> messages, bool alone, CancellationToken cancellationToken)
    {
        ImapSessionException? failure = null;
        foreach (var group in Groups(messages.Where(message => message.Header == HeaderTrust.InDoubt), alone))
        {
            var together = !alone && group[0].Size <= MaxSmall;
            var error = await TryAsync("fetch headers", token => together ? ReadTogetherAsync(group, token) : ReadAloneAsync(group[0], token), cancellationToken);
            if (error is { EndsSession: true })
                return error;
            if (error is null)
                continue;
            foreach (var message in group.Where(message => message.Envelope is not null))
                GiveUp(message);
            if (group.Any(message => message.Header == HeaderTrust.InDoubt))
                failure = error;
        }

        return failure;
    }

    private async Task<bool> ReadTogetherAsync(IReadOnlyList<FetchedMessage> messages, CancellationToken cancellationToken)
    {
        var headers = await RawHeaders.FetchAsync(_folder!, messages.Select(message => message.Uid).ToArray(), cancellationToken);
        foreach (var message in messages)
            Believe(message, headers.GetValueOrDefault(message.Uid.Id));
        return true;
    }

    private async Task<bool> ReadAloneAsync(FetchedMessage message, CancellationToken cancellationToken)
    {
        Believe(message, await RawHeaders.FetchAsync(_folder!, message.Uid, cancellationToken));
        return true;
    }

    /// <summary>Fields that did not come with the metadata, or were not asked for there. Where they cannot be had, they stay unknown.</summary>
    private async Task<ImapSessionException?> ReadFieldsAsync(IEnumerable<FetchedMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages.Where(message => message.Fields is null))
        {
            var error = await TryAsync("fetch fields", async token => message.Fields = await RawHeaders.FetchFieldsAsync(_folder!, message.Uid, _header.Names, token), cancellationToken);
            if (error is { EndsSession: true })
                return error;
        }

        return null;
    }

    private static void Believe(FetchedMessage message, Envelope? header)
    {
        if (header is not null)
            (message.Envelope, message.Header) = (header, HeaderTrust.Believed);
        else
            GiveUp(message);
    }

    /// <summary>Better the server's reading of the header without its placeholders than nothing.</summary>
    private static void GiveUp(FetchedMessage message)
    {
        message.Header = HeaderTrust.Partial;
        if (message.Envelope is { } envelope)
            EnvelopeDoubt.RemovePlaceholders(envelope);
    }

    private static IEnumerable<IReadOnlyList<FetchedMessage>> Groups(IEnumerable<FetchedMessage> messages, bool alone)
    {
        var group = new List<FetchedMessage>();
        long size = 0;
        foreach (var message in messages)
        {
            if (alone || message.Size is not { } own || own > MaxSmall)
            {
                yield return [message];
                continue;
            }

            if (size + own > MaxSmall)
            {
                yield return group;
                (group, size) = ([], 0);
            }

            group.Add(message);
            size += own;
        }

        if (group.Count > 0)
            yield return group;
    }
}
