using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit.Net.Imap;
using MailKit.Security;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Dovecot with its own folder and ports on loopback; dies with the process that started it. Any user, one password.</summary>
public sealed class DovecotServer : IAsyncLifetime
{
    public const string Password = "dovecot-secret-0815";
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"imaptrigger-dovecot-{Guid.NewGuid():N}");
    private Process? _process;

    public int Port { get; private set; }

    public int TlsPort { get; private set; }

    public string CertificateFingerprint { get; private set; } = "";

    public ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls) => new()
    {
        Host = "localhost",
        Port = security == ImapSecurity.Tls ? TlsPort : Port,
        Security = security,
        UserName = user,
        Password = Password,
        CertificateFingerprint = security == ImapSecurity.None ? null : CertificateFingerprint,
    };

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists("/usr/sbin/dovecot"))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Dovecot is not installed (apt-get install dovecot-imapd).");
            Assert.Fail("Dovecot is not installed, and on CI it must be.");
        }

        Directory.CreateDirectory(Path.Combine(_root, "mail"));
        WriteCertificate();
        (Port, TlsPort) = FreePorts();
        await File.WriteAllTextAsync(Path.Combine(_root, "dovecot.conf"), Configuration());
        var owner = Process.Start("chown", ["-R", "mail:mail", Path.Combine(_root, "mail")]);
        await owner.WaitForExitAsync();

        // setpriv: the kernel ends Dovecot when the test process dies, however it dies.
        _process = Process.Start(new ProcessStartInfo("setpriv", ["--pdeathsig", "TERM", "/usr/sbin/dovecot", "-F", "-c", Path.Combine(_root, "dovecot.conf")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await WaitForGreetingAsync();
    }

    public async Task AppendAsync(string user, string raw, string folder = "INBOX")
    {
        using var client = new ImapClient();
        await client.ConnectAsync("localhost", Port, SecureSocketOptions.None);
        await client.AuthenticateAsync(user, Password);
        var target = folder == "INBOX" ? client.Inbox! : await client.GetFolderAsync(folder);
        using var message = await MimeKit.MimeMessage.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes(raw)));
        await target.AppendAsync(new MailKit.AppendRequest(message));
        await client.DisconnectAsync(true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            var term = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await term.WaitForExitAsync();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
    }

    private async Task WaitForGreetingAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (_process!.HasExited)
                throw new InvalidOperationException($"Dovecot ended: {await _process.StandardError.ReadToEndAsync(limit.Token)}");
            try
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                using var reader = new StreamReader(tcp.GetStream());
                if ((await reader.ReadLineAsync(limit.Token))?.StartsWith("* OK", StringComparison.Ordinal) == true)
                    return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private void WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        CertificateFingerprint = Convert.ToHexString(SHA256.HashData(certificate.RawData));
        File.WriteAllText(Path.Combine(_root, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_root, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private string Configuration() => $$"""
        base_dir = {{_root}}/run
        state_dir = {{_root}}/state
        instance_name = imaptrigger-{{Port}}
        log_path = {{_root}}/dovecot.log
        protocols = imap
        listen = 127.0.0.1
        disable_plaintext_auth = no
        auth_mechanisms = plain login
        auth_failure_delay = 0
        ssl = yes
        ssl_cert = <{{_root}}/cert.pem
        ssl_key = <{{_root}}/key.pem
        first_valid_uid = 8
        mail_location = maildir:~/Maildir
        mail_max_userip_connections = 0
        passdb {
          driver = static
          args = password={{Password}}
        }
        userdb {
          driver = static
          args = uid=mail gid=mail home={{_root}}/mail/%u allow_all_users=yes
        }
        namespace inbox {
          inbox = yes
          separator = /
        }
        service imap-login {
          inet_listener imap {
            address = 127.0.0.1
            port = {{Port}}
          }
          inet_listener imaps {
            address = 127.0.0.1
            port = {{TlsPort}}
            ssl = yes
          }
        }
        """;
}
