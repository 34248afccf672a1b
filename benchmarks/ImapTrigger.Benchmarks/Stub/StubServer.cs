using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImapTrigger.Benchmarks.Stub;

/// <summary>
/// An IMAP server that costs next to nothing: mailboxes are numbers of messages, answers are made from templates. So what is measured is the client.
/// Users are u1, u2, ...; each has an INBOX, any password will do.
/// </summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly TcpListener _plain;
    private readonly TcpListener _tls;
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly Dictionary<int, StubMailbox> _mailboxes = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<StubConnection> _open = [];

    public StubServer(IPAddress address)
    {
        Address = address;
        _plain = new TcpListener(address, 0);
        _tls = new TcpListener(address, 0);
        _plain.Start(4096);
        _tls.Start(4096);
        _ = AcceptAsync(_plain, null);
        // TLS 1.3 tickets on, as a real server: who resumes by host name saves the certificates.
        _ = AcceptAsync(_tls, SslStreamCertificateContext.Create(_certificate, null));
    }

    public IPAddress Address { get; }

    public int PlainPort => ((IPEndPoint)_plain.LocalEndpoint).Port;

    public int TlsPort => ((IPEndPoint)_tls.LocalEndpoint).Port;

    public string Fingerprint => _certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public StubMailbox this[int number]
    {
        get
        {
            lock (_mailboxes)
                return _mailboxes.TryGetValue(number, out var mailbox) ? mailbox : _mailboxes[number] = new StubMailbox();
        }
    }

    /// <summary>How many of these mailboxes are in IDLE.</summary>
    public int Idling(IEnumerable<int> numbers) => numbers.Count(number => this[number].IsIdling);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _plain.Dispose();
        _tls.Dispose();
        lock (_open)
        {
            foreach (var connection in _open)
                connection.Dispose();
        }

        _certificate.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, SslStreamCertificateContext? certificate)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(_stopping.Token), certificate);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the measure.
        }
    }

    private async Task ServeAsync(TcpClient client, SslStreamCertificateContext? certificate)
    {
        client.NoDelay = true;
        Stream stream = client.GetStream();
        StubConnection? connection = null;
        try
        {
            if (certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate });
                stream = tls;
            }

            connection = new StubConnection(this, stream);
            lock (_open)
                _open.Add(connection);
            await connection.ServeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The contender has gone.
        }
        finally
        {
            if (connection is not null)
            {
                lock (_open)
                    _open.Remove(connection);
                connection.Dispose();
            }

            client.Dispose();
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        // Without a file of keys in between it cannot be used for a server on every platform.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
