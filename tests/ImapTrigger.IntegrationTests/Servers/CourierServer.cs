using System.Globalization;
using System.Text;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Debian's Courier, unpacked (its package and Dovecot's exclude each other), with Debian's settings. Any user, one password.</summary>
public sealed class CourierServer : IMailServer
{
    private const string Password = "courier-secret-0815";
    private const string Capabilities = "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE";
    private static readonly string Unpacked = Path.Combine(Repository.Root, "artifacts/servers/courier");
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"imaptrigger-courier-{Guid.NewGuid():N}");
    private readonly List<ServerProcess> _processes = [];
    private LocalAddress? _address;
    private LoginSocket? _logins;

    public ServerTraits Traits { get; } = new()
    {
        Name = "Courier", Namespace = "INBOX.", HasMove = false, HasId = false, SaysUidNext = false, FindsTheLast = false, Misunderstood = "NO",
    };

    public ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls) => _address!.Account(user, security);

    public string AccessTokenOf(string user) => throw new NotSupportedException("Courier knows no access tokens.");

    public async ValueTask InitializeAsync()
    {
        Needed.File(Path.Combine(Unpacked, "usr/bin/imapd"), "Courier", "./test.sh unpacks it, as root");
        Directory.CreateDirectory(Path.Combine(_root, "mail"));
        Directory.CreateDirectory(Path.Combine(_root, "run/authdaemon"));
        var ports = FreePort.Find(2);
        _address = new LocalAddress(ports[0], ports[1], Password, ServerCertificate.Write(_root));
        _logins = LoginSocket.Listen(Path.Combine(_root, "run/authdaemon/socket"), AnswerAsync);
        await Own.ByMailAsync(_root);
        await File.WriteAllTextAsync(Path.Combine(_root, "passwd"), $"{await File.ReadAllTextAsync("/etc/passwd")}courier:x:{Own.Mail.User}:{Own.Mail.Group}::/:/usr/sbin/nologin\n");

        string[] session = [$"{Unpacked}/usr/lib/courier/courier/imaplogin", $"{Unpacked}/usr/bin/imapd", "Maildir"];
        _processes.Add(Start(_address.Port, "IMAP_TLS=0", session));
        _processes.Add(Start(_address.TlsPort, "IMAP_TLS=1", [$"{Unpacked}/usr/bin/couriertls", "-server", "-tcpd", "-user=courier", .. session]));
        await _processes[0].WaitUntilGreetsAsync(_address.Port);
        await _processes[1].WaitUntilGreetsAsync(_address.TlsPort, tls: true);
    }

    public Task DeliverAsync(string user, IEnumerable<byte[]> messages) => InboxOf(user).DeliverAsync(messages.Select(AsOnDisk));

    /// <param name="user">Whose.</param>
    /// <param name="name">The file's name: Courier numbers by it what it finds at once; agents choose it when they begin to write.</param>
    /// <param name="message">The message.</param>
    public Task DeliverAsync(string user, string name, byte[] message) => InboxOf(user).DeliverAsync(name, AsOnDisk(message));

    /// <summary>As POP3 does: by the file, behind the IMAP server's back.</summary>
    public void Remove(string user, string name) => File.Delete(Assert.Single(Directory.GetFiles(InboxOf(user).Folder, $"{name}*", SearchOption.AllDirectories)));

    /// <summary>Its list of UIDs begins with the list's version, UIDVALIDITY and UIDNEXT; a UID and a file's name a line follow.</summary>
    public async Task RenumberAsync(string user)
    {
        var file = Path.Combine(InboxOf(user).Folder, "courierimapuiddb");
        var list = (await File.ReadAllLinesAsync(file)).Select(line => line.Split(' ')).ToArray();
        var head = string.Create(CultureInfo.InvariantCulture, $"{list[0][0]} {uint.Parse(list[0][1], CultureInfo.InvariantCulture) + 1} {list.Length}");
        await File.WriteAllLinesAsync(file, [head, .. list[1..].Select((line, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1} {line[1]}"))]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        if (_logins is not null)
            await _logins.DisposeAsync();
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
    }

    /// <summary>What Courier serves with CR LF lies in its files with LF; a CR there would be served as one more.</summary>
    private static byte[] AsOnDisk(byte[] message) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(message).Replace("\r\n", "\n", StringComparison.Ordinal));

    private Maildir InboxOf(string user) => new(Path.Combine(_root, "mail", user, "Maildir"));

    /// <summary>The place of the socket and the name of its user are compiled in; mounts that this process alone sees put ours there.</summary>
    private ServerProcess Start(int port, string tls, string[] session) => ServerProcess.Start(
        "/usr/bin/unshare",
        [
            "--mount", "/bin/sh", "-c", """mkdir -p /run/courier && mount --bind "$0/run" /run/courier && mount --bind "$0/passwd" /etc/passwd && exec "$@" """, _root,
            "/usr/bin/env", "-i", .. Environment(), tls,
            $"{Unpacked}/usr/sbin/couriertcpd", "-address=127.0.0.1", "-maxprocs=100", "-maxperip=100", "-nodnslookup", "-noidentlookup", port.ToString(CultureInfo.InvariantCulture),
            .. session,
        ]);

    private IEnumerable<string> Environment() =>
    [
        "PATH=/usr/bin:/bin", $"LD_LIBRARY_PATH={Unpacked}/usr/lib",
        $"IMAP_CAPABILITY={Capabilities}", $"IMAP_CAPABILITY_TLS={Capabilities} AUTH=PLAIN", "IMAP_KEYWORDS=1", "IMAP_ACL=1", "IMAP_MAILBOX_SANITY_CHECK=1", "IMAP_USELOCKS=1",
        // Debian's is 60: so long a client that idles may wait for news.
        "IMAP_IDLE_TIMEOUT=1",
        "IMAP_ENHANCEDIDLE=0", "IMAP_TRASHFOLDERNAME=Trash", "IMAP_EMPTYTRASH=Trash:7", "HEADERFROM=X-IMAP-Sender",
        "IMAP_STARTTLS=YES", $"COURIERTLS={Unpacked}/usr/bin/couriertls", $"TLS_CERTFILE={_root}/both.pem", "TLS_VERIFYPEER=NONE",
    ];

    /// <summary>As authdaemond does: lines come ("AUTH", length, service, kind, user, password), and lines go that end with a dot.</summary>
    private async Task AnswerAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync() is { } line && !line.StartsWith("AUTH ", StringComparison.Ordinal))
        {
        }

        var question = new List<string>();
        while (question.Count < 4 && await reader.ReadLineAsync() is { } line)
            question.Add(line);
        if (question is not [_, "login", var user, Password])
        {
            await stream.WriteAsync("FAIL\n"u8.ToArray());
            return;
        }

        await InboxOf(user).MakeAsync();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"UID={Own.Mail.User}\nGID={Own.Mail.Group}\nADDRESS={user}\nHOME={Path.GetDirectoryName(InboxOf(user).Folder)}\n.\n"));
    }
}
