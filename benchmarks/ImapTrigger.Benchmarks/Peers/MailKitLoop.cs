using System.Globalization;
using System.Security.Cryptography;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;

namespace ImapTrigger.Benchmarks.Peers;

/// <summary>What one writes by hand: IDLE until the count changes, DONE, fetch the same metadata as the trigger, IDLE again. Nothing is remembered or proved.</summary>
internal static class MailKitLoop
{
    private const MessageSummaryItems Items = MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope | MessageSummaryItems.Flags
        | MessageSummaryItems.InternalDate | MessageSummaryItems.Size | MessageSummaryItems.BodyStructure;

    public static Task RunAsync(Watch watch) => watch.RunAsync(async (mailbox, loggedIn, stopping) =>
    {
        using var client = new ImapClient();
        client.CheckCertificateRevocation = false;
        client.ServerCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString(HashAlgorithmName.SHA256) == watch.Fingerprint;
        await client.ConnectAsync(watch.Host, watch.Port, watch.Tls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.None, stopping);
        await client.AuthenticateAsync(string.Create(CultureInfo.InvariantCulture, $"u{mailbox}"), "secret", stopping);
        var inbox = client.Inbox!;
        await inbox.OpenAsync(FolderAccess.ReadOnly, stopping);
        var seen = (int?)watch.Known ?? inbox.Count;
        loggedIn();
        CancellationTokenSource? done = null;
        inbox.CountChanged += (_, _) =>
        {
            if (inbox.Count > seen)
                done?.Cancel();
        };
        while (true)
        {
            while (inbox.Count > seen)
            {
                var fetched = await inbox.FetchAsync(seen, -1, Items, stopping);
                foreach (var message in fetched)
                    watch.Handle(mailbox, message.UniqueId.Id);
                seen += fetched.Count;
            }

            using (done = new CancellationTokenSource(TimeSpan.FromMinutes(9)))
                await client.IdleAsync(done.Token, stopping);
            done = null;
        }
    });
}
