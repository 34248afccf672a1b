using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Dovecot with its own folder and ports on loopback; dies with the process that started it. Any user, one password.</summary>
public sealed class DovecotServer : IMailServer
{
    public const string Password = "dovecot-secret-0815";
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"imaptrigger-dovecot-{Guid.NewGuid():N}");
    private readonly byte[] _tokenKey = RandomNumberGenerator.GetBytes(32);
    private LocalAddress? _address;
    private ServerProcess? _process;

    public ServerTraits Traits { get; } = new() { Name = "Dovecot", HasAccessTokens = true, EndsSessionsOfDeleted = true };

    public int Port => _address!.Port;

    public int TlsPort => _address!.TlsPort;

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

    public ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls) => _address!.Account(user, security);

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
        var ports = FreePort.Find(2);
        _address = new LocalAddress(ports[0], ports[1], Password, ServerCertificate.Write(_root));
        await File.WriteAllTextAsync(Path.Combine(_root, "dovecot.conf"), Configuration());
        await File.WriteAllTextAsync(Path.Combine(_root, "oauth2.conf"), $"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={_root}/keys/\nusername_attribute = sub\n");
        // By the token's party, algorithm and key, which ours does not name.
        Directory.CreateDirectory(Path.Combine(_root, "keys/default/HS256"));
        await File.WriteAllTextAsync(Path.Combine(_root, "keys/default/HS256/default"), Convert.ToBase64String(_tokenKey));
        await Own.ByMailAsync(Path.Combine(_root, "mail"));
        await StartAsync();
    }

    /// <summary>Stops the server, with all its connections, and starts it again on the same ports and mail.</summary>
    public async Task RestartAsync()
    {
        await _process!.DisposeAsync();
        await StartAsync();
    }

    public Task DeliverAsync(string user, IEnumerable<byte[]> messages) => InboxOf(user).DeliverAsync(messages);

    /// <summary>The same, with a size in the file's name that may be wrong ("S=5,W=5"), or as a file that Dovecot may not read.</summary>
    public Task DeliverFileAsync(string user, string size, bool unreadable, byte[] message) =>
        InboxOf(user).DeliverAsync(Maildir.NextName(size.Length > 0 ? $",{size}" : ""), message, unreadable);

    /// <summary>Without its list of UIDs and its index a mailbox is numbered anew, by whoever opens it first.</summary>
    public async Task RenumberAsync(string user)
    {
        foreach (var file in Directory.GetFiles(InboxOf(user).Folder, "dovecot*").Where(file => !Path.GetFileName(file).StartsWith("dovecot-uidvalidity", StringComparison.Ordinal)))
            File.Delete(file);
        await MailClient.OpenAsync(this, user);
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
        await Own.ByMailAsync(maildir);
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
        await _process.WaitUntilGreetsAsync(Port);
    }

    private Maildir InboxOf(string user) => new(Path.Combine(_root, "mail", user, "Maildir"));

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
