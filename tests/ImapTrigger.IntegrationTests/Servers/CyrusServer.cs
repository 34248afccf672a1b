using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Cyrus, unpacked (its package and Dovecot's exclude each other), with the settings that Debian ships. Any user, one password.</summary>
public class CyrusServer : IMailServer
{
    private const string Password = "cyrus-secret-0815";
    private static readonly string Unpacked = Path.Combine(Repository.Root, "artifacts/servers/cyrus");
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"imaptrigger-cyrus-{Guid.NewGuid():N}");
    private readonly string _settings;
    private LocalAddress? _address;
    private LoginSocket? _logins;
    private ServerProcess? _process;

    public CyrusServer()
        : this(new ServerTraits { Name = "Cyrus", Namespace = "INBOX." }, "altnamespace: no\nunixhierarchysep: no\n")
    {
    }

    protected CyrusServer(ServerTraits traits, string settings)
    {
        Traits = traits;
        _settings = settings;
    }

    public ServerTraits Traits { get; }

    public ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls) => _address!.Account(user, security);

    public string AccessTokenOf(string user) => throw new NotSupportedException("Debian has no SASL plug-in for access tokens.");

    public async ValueTask InitializeAsync()
    {
        Needed.File(Path.Combine(Programs, "imapd"), "Cyrus", "./test.sh unpacks it, as root");
        // Cyrus makes the rest itself.
        foreach (var folder in new[] { "", "db", "proc", "socket", "user" })
            Directory.CreateDirectory(Path.Combine(_root, folder));
        var ports = FreePort.Find(2);
        _address = new LocalAddress(ports[0], ports[1], Password, ServerCertificate.Write(_root));
        await File.WriteAllTextAsync(Path.Combine(_root, "imapd.conf"), Configuration());
        await File.WriteAllTextAsync(Path.Combine(_root, "cyrus.conf"), Services());
        _logins = LoginSocket.Listen(Path.Combine(_root, "mux"), AnswerAsync);
        await Own.ByMailAsync(_root);
        // A session of its own: when it is told to end, it tells everybody in its group.
        _process = ServerProcess.Start(
            "/usr/bin/setsid", "/usr/bin/env", $"LD_LIBRARY_PATH={Unpacked}/usr/lib/x86_64-linux-gnu", Path.Combine(Programs, "master"),
            "-C", Path.Combine(_root, "imapd.conf"), "-M", Path.Combine(_root, "cyrus.conf"), "-p", Path.Combine(_root, "master.pid"), "-D");
        await _process.WaitUntilGreetsAsync(_address.Port);
    }

    /// <summary>By APPEND: its LMTP server would add lines of its own to the header.</summary>
    public async Task DeliverAsync(string user, IEnumerable<byte[]> messages)
    {
        await using var client = await RawImap.LogInAsync(Account(user, ImapSecurity.None));
        foreach (var message in messages)
            await client.AppendAsync("INBOX", message);
    }

    /// <summary>The administrator removes the mailbox, whose owner puts back what he has saved.</summary>
    public async Task RenumberAsync(string user)
    {
        List<SavedMessage> saved;
        await using (var owner = await MailClient.ConnectAsync(this, user))
            saved = await owner.SaveAsync("INBOX");
        await using (var admin = await RawImap.LogInAsync(Account("cyrus", ImapSecurity.None)))
        {
            await admin.AskAsync($"SETACL user{Separator}{user} cyrus lrswipkxtecdan");
            await admin.AskAsync($"DELETE user{Separator}{user}");
        }

        await using var again = await MailClient.ConnectAsync(this, user);
        await again.RestoreAsync("INBOX", saved);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        if (_logins is not null)
            await _logins.DisposeAsync();
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string Programs => Path.Combine(Unpacked, "usr/lib/cyrus/bin");

    private char Separator => Traits.Namespace.Length > 0 ? '.' : '/';

    /// <summary>As saslauthd does: user, password, service and realm come as counted strings, and a counted answer goes.</summary>
    private static async Task AnswerAsync(Stream stream)
    {
        var fields = new List<string>();
        while (fields.Count < 4)
        {
            var length = new byte[2];
            await stream.ReadExactlyAsync(length);
            var field = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(field);
            fields.Add(Encoding.UTF8.GetString(field));
        }

        await stream.WriteAsync(fields[1] == Password ? "\0\u0002OK"u8.ToArray() : "\0\u0002NO"u8.ToArray());
    }

    private string Configuration() => $$"""
        configdirectory: {{_root}}
        defaultpartition: default
        partition-default: {{_root}}/spool
        cyrus_user: mail
        admins: cyrus
        allowplaintext: yes
        sasl_pwcheck_method: saslauthd
        sasl_saslauthd_path: {{_root}}/mux
        sasl_mech_list: PLAIN
        autocreate_quota: 0
        maxlogins_per_user: 0
        failedloginpause: 0
        idlesocket: {{_root}}/socket/idle
        proc_path: {{_root}}/proc
        mboxname_lockpath: {{_root}}/lock
        tls_server_cert: {{_root}}/cert.pem
        tls_server_key: {{_root}}/key.pem
        {{_settings}}
        """;

    private string Services() => string.Create(CultureInfo.InvariantCulture, $$"""
        START {
          recover cmd="{{Programs}}/ctl_cyrusdb -C {{_root}}/imapd.conf -r"
        }
        SERVICES {
          imap cmd="{{Programs}}/imapd -C {{_root}}/imapd.conf -U 30" listen="127.0.0.1:{{_address!.Port}}" proto="tcp4" prefork=1 maxchild=100
          imaps cmd="{{Programs}}/imapd -C {{_root}}/imapd.conf -s -U 30" listen="127.0.0.1:{{_address.TlsPort}}" proto="tcp4" prefork=1 maxchild=100
        }
        DAEMON {
          idled cmd="{{Programs}}/idled -C {{_root}}/imapd.conf"
        }
        EVENTS {
        }
        """);
}
