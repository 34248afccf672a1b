using MailKit;
using MailKit.Search;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>Whole messages.</summary>
public sealed partial class ImapSession
{
    /// <summary>A whole message; it is not marked seen.</summary>
    /// <param name="uid">Its UID.</param>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <returns>The message, or null when it is gone.</returns>
    /// <exception cref="InvalidOperationException">No folder is selected, or IDLE is on.</exception>
    /// <exception cref="ImapSessionException">It did not work.</exception>
    /// <exception cref="FormatException">It is empty or no message at all (RFC 5322); the session is as it was.</exception>
    public async Task<MimeMessage?> ReadMessageAsync(uint uid, CancellationToken cancellationToken = default) =>
        await ReadRawAsync(uid, cancellationToken) is { } raw ? WholeMessage.Parse(raw, uid) : null;

    /// <summary>A whole message, byte for byte; null when it is gone.</summary>
    internal Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken)
    {
        ThrowIfNotReady("FETCH");
        var id = new UniqueId(uid);
        return RunAsync($"fetch message {uid}", async token =>
        {
            try
            {
                await using var stream = await _folder!.GetStreamAsync(id, string.Empty, token);
                var raw = new byte[stream.Length];
                await stream.ReadExactlyAsync(raw, token);
                return raw;
            }
            catch (MessageNotFoundException)
            {
                // That one answer does not hold it does not mean that it is gone.
                if ((await _folder!.SearchAsync(SearchQuery.Uids([id]), token)).Contains(id))
                    throw new ImapSessionException(ImapSessionError.CommandRefused, $"{_account.UserName} at {_account.Host}: the server lists message {uid} but does not send it.");
                return null;
            }
        }, cancellationToken);
    }
}
