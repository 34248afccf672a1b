using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Imap;
using MailKit.Security;

namespace ImapTrigger.Imap;

/// <summary>From an account to a connection that is logged in: own socket, TLS, login, ID.</summary>
internal sealed class ImapConnector(ImapClient client, ImapAccount account, ProtocolTap tap, ImapErrors errors, TimeProvider time)
{
    /// <summary>Cyrus without conversations says "THREADID (NIL)", which MailKit cannot read (RFC 8474, 5.2 has NIL alone).</summary>
    public bool HasThreadIds { get; private set; } = true;

    private static readonly string Version = typeof(ImapConnector).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    // As it is written in URLs (RFC 3986, 3.2.2); certificates and resolvers know no brackets.
    private readonly string _host = account.Host is ['[', .. var inside, ']'] ? inside : account.Host;

    /// <summary>How far it has come.</summary>
    public ImapStep Step { get; private set; } = ImapStep.Reach;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        // Before the connection: a server does not wait long for a login.
        var token = account.AccessToken is { } accessToken ? await TokenOfAsync(accessToken, cancellationToken) : null;
        var fingerprint = account.CertificateFingerprint is { } hex ? Convert.FromHexString(hex.Replace(":", "", StringComparison.Ordinal)) : null;
        client.CheckCertificateRevocation = fingerprint is null;
        client.ServerCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors, fingerprint);

        var socket = await OpenSocketAsync(cancellationToken);
        Step = ImapStep.Greet;
        try
        {
            await client.ConnectAsync(socket, _host, account.EffectivePort, OptionsOf(account.EffectiveSecurity), cancellationToken);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw tap.IsPreauthenticated && e is not OperationCanceledException ? errors.LoggedInAlready() : e;
        }

        Step = ImapStep.LogIn;
        await new ImapLogin(client, account, tap, errors).RunAsync(token, cancellationToken);

        // NetEase refuses SELECT ("Unsafe Login") to clients that have not said who they are (RFC 2971).
        ImapImplementation? server = null;
        if (client.Capabilities.HasFlag(ImapCapabilities.Id))
            await OfferAsync(async () => server = await client.IdentifyAsync(new ImapImplementation { Name = "ImapTrigger", Version = Version }, cancellationToken));
        tap.LoggedIn();
        HasThreadIds = server?.Name?.StartsWith("Cyrus", StringComparison.OrdinalIgnoreCase) != true || tap.HasConversations;

        // Expunged messages are then told by UID, not by a position that moves (RFC 7162, 3.2.10).
        if (client.Capabilities.HasFlag(ImapCapabilities.QuickResync))
            await OfferAsync(() => client.EnableQuickResyncAsync(cancellationToken));
    }

    /// <summary>Something that one can do without: a server that refuses what it offers is no reason not to watch.</summary>
    private static async Task OfferAsync(Func<Task> command)
    {
        try
        {
            await command();
        }
        catch (ImapCommandException)
        {
            // NO or BAD; the connection is as it was.
        }
    }

    private async Task<string> TokenOfAsync(Func<CancellationToken, Task<string>> accessToken, CancellationToken cancellationToken)
    {
        try
        {
            return await accessToken(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw errors.NoToken(e);
        }
    }

    private async Task<Socket> OpenSocketAsync(CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(_host, out var address) ? [address] : await Dns.GetHostAddressesAsync(_host, cancellationToken);
        return await HappyEyeballs.ConnectAsync(addresses, ConnectAsync, time, cancellationToken);
    }

    /// <summary>MailKit sets no keep-alive, and Azure's load balancer forgets a silent flow after 4 minutes without telling either side.</summary>
    private async Task<Socket> ConnectAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
            await socket.ConnectAsync(address, account.EffectivePort, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SecureSocketOptions OptionsOf(ImapSecurity security) => security switch
    {
        ImapSecurity.Tls => SecureSocketOptions.SslOnConnect,
        // Never "when available": whoever sits in between could take the offer away.
        ImapSecurity.StartTls => SecureSocketOptions.StartTls,
        ImapSecurity.None => SecureSocketOptions.None,
        _ => throw new ArgumentOutOfRangeException(nameof(security), security, "Not a way to protect a connection."),
    };

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, byte[]? fingerprint)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (fingerprint is not null)
            return certificate is not null && fingerprint.AsSpan().SequenceEqual(SHA256.HashData(certificate.GetRawCertData()));

        // A revoked certificate is refused; one whose list of revocations cannot be fetched (closed networks) is not, as in browsers.
        return errors == SslPolicyErrors.RemoteCertificateChainErrors && chain is { ChainStatus.Length: > 0 }
            && chain.ChainStatus.All(status => status.Status is X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation);
    }
}
