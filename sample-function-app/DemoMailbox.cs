using System.Globalization;
using ImapTrigger.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using MimeKit;

namespace SampleFunctionApp;

/// <summary>An IMAP server in this process with one mailbox, so that the sample runs with nothing to configure.</summary>
internal sealed class DemoMailbox : IAsyncDisposable
{
    private static readonly string[] PlacesOfMail = ["Imap", "AzureWebJobsImap", "ConnectionStrings:Imap", "ConnectionStrings:AzureWebJobsImap"];

    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-demo-");

    private DemoMailbox()
    {
        var account = _server.AddAccount("demo", Guid.NewGuid().ToString("N"));
        Sender = new DemoSender(account.Inbox);
        Settings = new Dictionary<string, string?>
        {
            ["Imap:host"] = _server.Host,
            ["Imap:port"] = _server.TlsPort.ToString(CultureInfo.InvariantCulture),
            ["Imap:security"] = "tls",
            ["Imap:userName"] = account.UserName,
            ["Imap:password"] = account.Password,
            ["Imap:certificateFingerprint"] = _server.CertificateFingerprint,
            // The mailbox is gone with this process, so what is known of it may go too.
            ["AzureWebJobs:extensions:imapIdle:localStatePath"] = _state.FullName,
        };
    }

    /// <summary>Puts a message into the mailbox every few seconds.</summary>
    public IHostedService Sender { get; }

    /// <summary>App settings that point at this mailbox.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>Null when the settings name a mailbox, in whichever way.</summary>
    public static DemoMailbox? StartIfNeeded(IConfiguration settings) =>
        PlacesOfMail.Select(settings.GetSection).Any(place => place.GetChildren().Any() || IsValue(place.Value)) ? null : new DemoMailbox();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    /// <summary>A shell may set such a name to the path of a mail file; the trigger does not take that for a mailbox either.</summary>
    private static bool IsValue(string? value) => value is { Length: > 0 } and not ['/' or '\\' or '~' or '.', ..] and not [_, ':', '/' or '\\', ..];

    private sealed class DemoSender(ImapTestFolder inbox) : BackgroundService
    {
        private static readonly string[] Subjects = ["Invoice 4711", "Your order has shipped", "Meeting at ten", "Grüße aus Köln", "Build failed"];

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            for (var i = 0; ; i++)
            {
                // A mailbox is delivered "from now" at its first start, so the first message waits for it.
                await inbox.WaitForIdleAsync(stoppingToken);
                inbox.Append(Message(i));
                await Task.Delay(TimeSpan.FromSeconds(3), stoppingToken);
            }
        }

        private static MimeMessage Message(int i)
        {
            var body = new BodyBuilder { TextBody = "A message of the demo." };
            if (i % 3 == 0)
                body.Attachments.Add("report.pdf", new byte[2000], new ContentType("application", "pdf"));
            var message = new MimeMessage { Subject = Subjects[i % Subjects.Length], Body = body.ToMessageBody() };
            message.From.Add(new MailboxAddress("Ann Example", "ann@example.org"));
            message.To.Add(new MailboxAddress("Demo", "demo@example.org"));
            return message;
        }
    }
}
