using System.Security.Cryptography;
using ImapTrigger.Testing;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace ImapTrigger.Benchmarks;

/// <summary>What one writes by hand: IDLE until the count changes, DONE, fetch the same metadata, IDLE again. Nothing is remembered.</summary>
internal sealed class BareMailKitLoop : IContestant
{
    private const MessageSummaryItems Items = MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope | MessageSummaryItems.Flags
        | MessageSummaryItems.InternalDate | MessageSummaryItems.Size | MessageSummaryItems.BodyStructure;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ImapClient _client = new();
    private Task _running = Task.CompletedTask;

    private BareMailKitLoop(ImapTestFolder inbox) => Inbox = inbox;

    public string Name => "bare MailKit loop";

    public ImapTestFolder Inbox { get; }

    public Arrival Arrival { get; } = new();

    public static async Task<BareMailKitLoop> StartAsync(ImapTestServer server, ImapTestAccount account)
    {
        var loop = new BareMailKitLoop(account.Inbox);
        loop._client.ServerCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString(HashAlgorithmName.SHA256) == server.CertificateFingerprint;
        await loop._client.ConnectAsync(server.Host, server.TlsPort, SecureSocketOptions.SslOnConnect);
        await loop._client.AuthenticateAsync(account.UserName, account.Password);
        await loop._client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        loop._running = loop.RunAsync();
        return loop;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _client.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var inbox = _client.Inbox!;
        var seen = inbox.Count;
        CancellationTokenSource? done = null;
        inbox.CountChanged += (_, _) => done?.CancelAsync();
        while (!_stopping.IsCancellationRequested)
        {
            using (done = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
                await _client.IdleAsync(done.Token);
            if (inbox.Count == seen)
                continue;
            foreach (var _ in await inbox.FetchAsync(seen, -1, Items))
                Arrival.Now();
            seen = inbox.Count;
        }
    }
}
