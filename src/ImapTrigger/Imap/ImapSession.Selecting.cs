using MailKit;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>How a folder is opened, and what is said when it cannot be.</summary>
public sealed partial class ImapSession
{
    private static readonly TimeSpan ListLimit = TimeSpan.FromSeconds(10);
    private const int MaxNamespaces = 8;

    /// <summary>Selects a folder read-only (EXAMINE): nothing is changed by looking, not even \Recent.</summary>
    /// <param name="folder">Its full name, such as <c>INBOX</c>.</param>
    /// <param name="cancellationToken">Gives up, and the connection with it.</param>
    /// <exception cref="InvalidOperationException">A folder is selected already, or IDLE is on.</exception>
    /// <exception cref="ImapSessionException">It did not work.</exception>
    public Task<SelectedFolder> SelectAsync(string folder, CancellationToken cancellationToken = default) => SelectAsync(folder, writable: false, cancellationToken);

    internal Task<SelectedFolder> SelectAsync(string folder, bool writable, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ThrowIfBusy("SELECT");
        if (Folder is not null)
            throw new InvalidOperationException($"{Folder.Name} is selected already; a session watches one folder. Open another session for {folder}.");
        return RunAsync(ImapStep.Select, $"select the folder '{folder}'", async token =>
        {
            try
            {
                return await OpenAsync(folder, writable, token);
            }
            catch (Exception e) when (_errors.IsMissing(e))
            {
                throw _errors.NoSuchFolder(e, folder, await TellFoldersAsync(folder, token));
            }
        }, cancellationToken);
    }

    private async Task<SelectedFolder> OpenAsync(string folder, bool writable, CancellationToken cancellationToken)
    {
        var opened = FolderName.AreSame(folder, "INBOX") ? _client.Inbox! : await _client.GetFolderAsync(FolderName.Decode(folder), cancellationToken);
        // Attached first: what the server says between SELECT and the first IDLE must not be missed.
        _updates.Attach(opened);
        var access = await opened.OpenAsync(writable ? FolderAccess.ReadWrite : FolderAccess.ReadOnly, cancellationToken);
        _updates.Drain();
        _folder = opened;
        return Folder = new SelectedFolder(
            opened.FullName, opened.UidValidity, Known(opened.UidNext?.Id), opened.Count, opened.HighestModSeq > 0 ? opened.HighestModSeq : null)
        {
            IsReadOnly = access != FolderAccess.ReadWrite || (opened.PermanentFlags == MessageFlags.None && opened.PermanentKeywords.Count == 0),
            MailboxId = opened.Id,
        };
    }

    /// <summary>What there is instead, own folders first, as far as the server says it in time.</summary>
    private async Task<string> TellFoldersAsync(string folder, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ListLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var spaces = _client.PersonalNamespaces.Concat(_client.OtherNamespaces).Concat(_client.SharedNamespaces).Take(MaxNamespaces).ToArray();
        var names = new List<string>();
        try
        {
            foreach (var space in spaces)
                names.AddRange((await _client.GetFoldersAsync(space, StatusItems.None, subscribedOnly: false, either.Token)).Where(CanBeSelected).Select(found => found.FullName));
        }
        catch (Exception e) when (e is ImapCommandException or ProtocolException or IOException or OperationCanceledException or FolderNotFoundException)
        {
            // The refusal is what is to be told; the list is a help only.
        }

        return names.Count == 0 ? "" : FolderNames.Tell(folder, names, spaces[0].DirectorySeparator);
    }

    private static bool CanBeSelected(IMailFolder folder) => (folder.Attributes & (FolderAttributes.NoSelect | FolderAttributes.NonExistent)) == 0;
}
