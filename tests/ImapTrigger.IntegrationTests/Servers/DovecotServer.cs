using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Dovecot with its own folder and ports on loopback; dies with the process that started it. Any user, one password.</summary>
public sealed class DovecotServer : IMailServer
{
    public const string Password = "dovecot-secret-0815";
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"imaptrigger-dovecot-{Guid.NewGuid():N}");
    private readonly byte[] _tokenKey = RandomNumberGenerator.GetBytes(32);
    private ServerProcess? _process;
    private int _delivered;

    public int Port { get; private set; }

    public int TlsPort { get; private set; }

    public string CertificateFingerprint { get; private set; } = "";

    /// <summary>Lines of configuration beside ours; of two that set the same the later counts. Set before it starts.</summary>
    public string Configured { get; init; } = "";

    /// <summary>Waits until it has logged a line with this text, and returns that line.</summary>
    public async Task<string> WaitForLogAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(_root, "dovecot.log"), limit.Token);
            if (lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                return found;
            await Task.Delay(50, limit.Token);
        }
    }

    public ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls) => new()
    {
        Host = "localhost",
        Port = security == ImapSecurity.Tls ? TlsPort : Port,
        Security = security,
        UserName = user,
        Password = Password,
        CertificateFingerprint = security == ImapSecurity.None ? null : CertificateFingerprint,
    };

    public IReadOnlyDictionary<string, string?> Settings(string user) => new Dictionary<string, string?>
    {
        ["Imap:host"] = "localhost",
        ["Imap:port"] = TlsPort.ToString(CultureInfo.InvariantCulture),
        ["Imap:security"] = "tls",
        ["Imap:userName"] = user,
        ["Imap:password"] = Password,
        ["Imap:certificateFingerprint"] = CertificateFingerprint,
    };

    /// <summary>A JSON Web Token (RFC 7519) of our own, whose key the server knows.</summary>
    public string AccessTokenOf(string user)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { sub = user, iat = now, exp = now + 3600 }))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(_tokenKey, Encoding.ASCII.GetBytes(signed)))}";
    }

    public async ValueTask InitializeAsync()
    {
        Needed.File("/usr/sbin/dovecot", "Dovecot", "apt-get install dovecot-imapd, or ./test.sh as root");
        Directory.CreateDirectory(Path.Combine(_root, "mail"));
        WriteCertificate();
        var ports = FreePort.Find(2);
        (Port, TlsPort) = (ports[0], ports[1]);
        await File.WriteAllTextAsync(Path.Combine(_root, "dovecot.conf"), Configuration());
        await File.WriteAllTextAsync(Path.Combine(_root, "oauth2.conf"), $"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={_root}/keys/\nusername_attribute = sub\n");
        // By the token's party, algorithm and key, which ours does not name.
        Directory.CreateDirectory(Path.Combine(_root, "keys/default/HS256"));
        await File.WriteAllTextAsync(Path.Combine(_root, "keys/default/HS256/default"), Convert.ToBase64String(_tokenKey));
        await RunAsync("chown", "-R", "mail:mail", Path.Combine(_root, "mail"));

        await StartAsync();
    }

    /// <summary>Stops the server, with all its connections, and starts it again on the same ports and mail.</summary>
    public async Task RestartAsync()
    {
        await _process!.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Into the Maildir, as a delivery agent does: written to tmp, then renamed to new.</summary>
    public async Task DeliverAsync(string user, IEnumerable<byte[]> messages)
    {
        foreach (var message in messages)
            await DeliverFileAsync(user, size: "", unreadable: false, message);
    }

    /// <summary>The same, with a size in the file's name that may be wrong ("S=5,W=5"), or as a file that Dovecot may not read.</summary>
    public async Task DeliverFileAsync(string user, string size, bool unreadable, byte[] message)
    {
        var maildir = Path.Combine(_root, "mail", user, "Maildir");
        if (!Directory.Exists(Path.Combine(maildir, "new")))
        {
            foreach (var part in new[] { "tmp", "new", "cur" })
                Directory.CreateDirectory(Path.Combine(maildir, part));
            await RunAsync("chown", "-R", "mail:mail", Path.Combine(_root, "mail", user));
        }

        // Dovecot numbers what it finds at once in the order of these names.
        var name = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.M{Interlocked.Increment(ref _delivered):D9}.test{(size.Length > 0 ? $",{size}" : "")}";
        var file = Path.Combine(maildir, "tmp", name);
        await File.WriteAllBytesAsync(file, message);
        if (unreadable && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.None);
        File.Move(file, Path.Combine(maildir, "new", name));
    }

    /// <summary>Another login name for a user's mailbox.</summary>
    public void AddLogin(string user, string name) => Directory.CreateSymbolicLink(Path.Combine(_root, "mail", name), Path.Combine(_root, "mail", user));

    /// <summary>A folder of a user that is a link to the inbox.</summary>
    public void AddLinkToInbox(string user, string folder) => Directory.CreateSymbolicLink(Path.Combine(_root, "mail", user, "Maildir", $".{folder}"), ".");

    /// <summary>An empty folder of a user.</summary>
    public async Task AddFolderAsync(string user, string folder)
    {
        var maildir = Path.Combine(_root, "mail", user, "Maildir", $".{folder}");
        foreach (var part in new[] { "tmp", "new", "cur" })
            Directory.CreateDirectory(Path.Combine(maildir, part));
        await RunAsync("chown", "-R", "mail:mail", maildir);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
    }

    private async Task StartAsync()
    {
        _process = ServerProcess.Start("/usr/sbin/dovecot", "-F", "-c", Path.Combine(_root, "dovecot.conf"));
        await _process.WaitUntilReadyAsync(GreetsAsync);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private async Task<bool> GreetsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            using var reader = new StreamReader(tcp.GetStream());
            return (await reader.ReadLineAsync(cancellationToken))?.StartsWith("* OK", StringComparison.Ordinal) == true;
        }
        catch (SocketException)
        {
            return false;
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

    private string Configuration() => $$"""
        base_dir = {{_root}}/run
        state_dir = {{_root}}/state
        instance_name = imaptrigger-{{Port}}
        log_path = {{_root}}/dovecot.log
        protocols = imap
        listen = 127.0.0.1
        disable_plaintext_auth = no
        auth_mechanisms = plain login oauthbearer xoauth2
        auth_failure_delay = 0
        ssl = yes
        ssl_cert = <{{_root}}/cert.pem
        ssl_key = <{{_root}}/key.pem
        first_valid_uid = 8
        mail_location = maildir:~/Maildir
        mail_max_userip_connections = 0
        passdb {
          driver = oauth2
          mechanisms = oauthbearer xoauth2
          args = {{_root}}/oauth2.conf
        }
        passdb {
          driver = static
          mechanisms = plain login
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
        namespace alias {
          prefix = Alias/
          separator = /
          alias_for =
          list = no
          hidden = yes
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
        {{Configured}}
        """;
}
