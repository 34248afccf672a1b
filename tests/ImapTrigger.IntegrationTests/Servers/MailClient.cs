using System.Security.Cryptography;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>A person's mail program at the same account: makes, renames and removes folders while they are watched. Names are without the server's namespace.</summary>
internal sealed class MailClient : IAsyncDisposable
{
    private readonly ImapClient _client;
    private readonly ServerTraits _traits;

    private MailClient(ImapClient client, ServerTraits traits)
    {
        _client = client;
        _traits = traits;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<MailClient> ConnectAsync(IMailServer server, string user)
    {
        var account = server.Account(user);
        var client = new ImapClient { ServerCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString(HashAlgorithmName.SHA256) == account.CertificateFingerprint };
        await client.ConnectAsync(account.Host, account.Port!.Value, SecureSocketOptions.SslOnConnect, Token);
        await client.AuthenticateAsync(account.UserName, account.Password!, Token);
        return new MailClient(client, server.Traits);
    }

    /// <summary>Opens INBOX and ends.</summary>
    public static async Task OpenAsync(IMailServer server, string user)
    {
        await using var client = await ConnectAsync(server, user);
        await client.MessagesAsync("INBOX");
    }

    public async Task CreateAsync(string folder)
    {
        var root = await _client.GetFolderAsync(_traits.Namespace.TrimEnd('.', '/'), Token);
        await root.CreateAsync(folder, isMessageFolder: true, Token);
    }

    public async Task DeleteAsync(string folder) => await (await FolderAsync(folder)).DeleteAsync(Token);

    public async Task RenameAsync(string folder, string name)
    {
        var renamed = await FolderAsync(folder);
        await renamed.RenameAsync(renamed.ParentFolder!, name, Token);
    }

    public async Task AppendAsync(string folder, byte[] raw, MessageFlags flags = MessageFlags.None, DateTimeOffset? internalDate = null)
    {
        using var message = await MimeMessage.LoadAsync(new MemoryStream(raw), Token);
        await (await FolderAsync(folder)).AppendAsync(new AppendRequest(message, flags) { InternalDate = internalDate }, Token);
    }

    /// <summary>The folder's messages: UID, flags, keywords and subject.</summary>
    public async Task<IList<IMessageSummary>> MessagesAsync(string folder) =>
        await WithOpenAsync(folder, opened => opened.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Envelope, Token));

    public async Task<List<SavedMessage>> SaveAsync(string folder) => await WithOpenAsync(folder, async opened =>
    {
        var saved = new List<SavedMessage>();
        foreach (var summary in await opened.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.InternalDate, Token))
        {
            await using var stream = await opened.GetStreamAsync(summary.UniqueId, "", Token);
            using var raw = new MemoryStream();
            await stream.CopyToAsync(raw, Token);
            saved.Add(new SavedMessage(raw.ToArray(), summary.InternalDate!.Value));
        }

        return saved;
    });

    public async Task RestoreAsync(string folder, IEnumerable<SavedMessage> saved)
    {
        foreach (var message in saved)
            await AppendAsync(folder, message.Raw, internalDate: message.InternalDate);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisconnectAsync(quit: true, CancellationToken.None);
        _client.Dispose();
    }

    private Task<IMailFolder> FolderAsync(string folder) => _client.GetFolderAsync(_traits.PathOf(folder), Token);

    private async Task<T> WithOpenAsync<T>(string folder, Func<IMailFolder, Task<T>> look)
    {
        var opened = await FolderAsync(folder);
        await opened.OpenAsync(FolderAccess.ReadWrite, Token);
        var seen = await look(opened);
        await opened.CloseAsync(expunge: false, Token);
        return seen;
    }
}
