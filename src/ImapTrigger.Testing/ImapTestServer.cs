using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ImapTrigger.Testing.Protocol;

namespace ImapTrigger.Testing;

/// <summary>
/// An IMAP server in this process, on loopback and free ports, for tests and demonstrations. Messages are kept byte for byte, in memory;
/// whatever is put into a folder is pushed at once to every client that idles on it (RFC 2177). Thread-safe.
/// </summary>
public sealed class ImapTestServer : IAsyncDisposable
{
    private static readonly string[] AllCapabilities =
        ["IMAP4rev1", "STARTTLS", "AUTH=PLAIN", "AUTH=OAUTHBEARER", "AUTH=XOAUTH2", "SASL-IR", "LITERAL+", "ID", "IDLE", "NAMESPACE", "UIDPLUS", "MOVE", "UNSELECT"];

    private readonly ConcurrentDictionary<string, ImapTestAccount> _accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<ImapTestCommand> _commands = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener _plain = new(IPAddress.Loopback, 0);
    private readonly TcpListener _tls = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly string[] _capabilities;
    private Task _accepting = Task.CompletedTask;

    // MimeKit asks for charsets older than UTF-8 once per process, when it is first used; a test may start the server before anything else.
    static ImapTestServer() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    private ImapTestServer(ImapTestServerOptions options) =>
        _capabilities = AllCapabilities.Where(name => !options.Without.Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();

    /// <summary>The host name, to which the certificate is made out: <c>localhost</c>.</summary>
    public string Host { get; } = "localhost";

    /// <summary>The port for connections that begin without TLS; STARTTLS is offered there, and a login without it is accepted.</summary>
    public int Port => ((IPEndPoint)_plain.LocalEndpoint).Port;

    /// <summary>The port for TLS from the first byte.</summary>
    public int TlsPort => ((IPEndPoint)_tls.LocalEndpoint).Port;

    /// <summary>SHA-256 of the throw-away certificate, as 64 hex digits, to pin it.</summary>
    public string CertificateFingerprint => _certificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>What the server does wrong, on demand.</summary>
    public ImapTestFaults Faults { get; } = new();

    /// <summary>The commands received until now, oldest first; without what follows LOGIN and AUTHENTICATE.</summary>
    public IReadOnlyList<ImapTestCommand> Commands => _commands.ToArray();

    /// <summary>Starts a server without accounts.</summary>
    /// <param name="options">What it can do; everything when null.</param>
    public static ImapTestServer Start(ImapTestServerOptions? options = null)
    {
        var server = new ImapTestServer(options ?? new ImapTestServerOptions());
        server._plain.Start();
        server._tls.Start();
        server._accepting = Task.WhenAll(server.AcceptAsync(server._plain, tls: false), server.AcceptAsync(server._tls, tls: true));
        return server;
    }

    /// <summary>Adds an account with an empty INBOX.</summary>
    /// <param name="userName">The login name; compared without case.</param>
    /// <param name="password">The password.</param>
    /// <exception cref="ArgumentException">There is an account of that name.</exception>
    public ImapTestAccount AddAccount(string userName, string password)
    {
        var account = new ImapTestAccount(userName, password);
        return _accounts.TryAdd(userName, account) ? account : throw new ArgumentException($"There is an account '{userName}' already.", nameof(userName));
    }

    /// <summary>Closes all connections and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _plain.Stop();
        _tls.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _certificate.Dispose();
        _stopping.Dispose();
    }

    internal IReadOnlyList<string> Capabilities => _capabilities;

    internal X509Certificate2 Certificate => _certificate;

    internal bool Has(string capability) => _capabilities.Contains(capability, StringComparer.OrdinalIgnoreCase);

    /// <summary>The account, if it takes this proof; else null.</summary>
    internal ImapTestAccount? LogIn(string userName, Func<ImapTestAccount, bool> accepts)
    {
        if (Faults.RefuseLogin is { } refusal)
            throw new RefusedException(refusal);
        if (Faults.OpenConnections > Faults.MaxConnections)
            throw new RefusedException("[ALERT] Too many simultaneous connections");
        return _accounts.TryGetValue(userName, out var account) && accepts(account) ? account : null;
    }

    internal void Record(ImapTestCommand command) => _commands.Enqueue(command);

    private async Task AcceptAsync(TcpListener listener, bool tls)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            var connection = ServeAsync(socket, tls);
            _connections[connection] = true;
            _ = connection.ContinueWith(ended => _connections.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket, bool tls)
    {
        socket.NoDelay = true;
        await using var wire = new ImapWire(new NetworkStream(socket, ownsSocket: true), Faults);
        try
        {
            if (tls)
                await wire.StartTlsAsync(_certificate, _stopping.Token);
            using var connection = new ImapConnection(this, wire, tls);
            Faults.Add(connection);
            try
            {
                await connection.RunAsync(_stopping.Token);
            }
            finally
            {
                Faults.Remove(connection);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The client went away, or the server stops.
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        // Windows' TLS wants a key that has been imported.
        return new X509Certificate2(certificate.Export(X509ContentType.Pfx));
    }
}
