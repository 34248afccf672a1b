using ImapTrigger.Imap;

namespace ImapTrigger.Listening;

/// <summary>
/// Whether a message has been copied already, by a move whose connection broke before the message was removed. Looked for by a connection of its own: the one that
/// watches has its folder selected.
/// </summary>
internal sealed class CopySearch(ImapAccount account, ConnectGate gate, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <exception cref="ImapSessionException">It could not be found out now; the session that asks is as it was.</exception>
    public async Task<bool> FindAsync(Arrival original, string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var place = await gate.EnterAsync(account.Host, cancellationToken);
            await using var session = await ImapSession.ConnectAsync(account, time, cancellationToken);
            await session.SelectAsync(folder, cancellationToken);
            return await session.HasCopyAsync(original, cancellationToken);
        }
        catch (ImapSessionException e) when (e.Error == ImapSessionError.FolderUnavailable)
        {
            // No folder, no copy; moving to it will tell the rest.
            return false;
        }
        catch (ImapSessionException e)
        {
            throw new ImapSessionException(ImapSessionError.CommandRefused, $"Whether the message was copied before is not known. {e.Message}", e) { Patience = Patience };
        }
    }
}
