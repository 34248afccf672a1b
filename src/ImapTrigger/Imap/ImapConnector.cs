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
internal static class ImapConnector
{
    private static readonly string Version = typeof(ImapConnector).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static async Task ConnectAsync(ImapClient client, ImapAccount account, CancellationToken cancellationToken)
    {
        // Before the connection: a server does not wait long for a login.
        var token = account.AccessToken is { } accessToken ? await TokenOfAsync(account, accessToken, cancellationToken) : null;
        var fingerprint = account.CertificateFingerprint is { } hex ? Convert.FromHexString(hex.Replace(":", "", StringComparison.Ordinal)) : null;
        client.CheckCertificateRevocation = fingerprint is null;
        client.ServerCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors, fingerprint);

        var socket = await OpenSocketAsync(account, cancellationToken);
        try
        {
            await client.ConnectAsync(socket, account.Host, account.EffectivePort, OptionsOf(account.EffectiveSecurity), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        await LogInAsync(client, account, token, cancellationToken);

        // NetEase refuses SELECT ("Unsafe Login") to clients that have not said who they are (RFC 2971).
        if (client.Capabilities.HasFlag(ImapCapabilities.Id))
            await client.IdentifyAsync(new ImapImplementation { Name = "ImapTrigger", Version = Version }, cancellationToken);

        // Expunged messages are then told by UID, not by a position that moves (RFC 7162, 3.2.10).
        if (client.Capabilities.HasFlag(ImapCapabilities.QuickResync))
            await client.EnableQuickResyncAsync(cancellationToken);
    }

    private static Task LogInAsync(ImapClient client, ImapAccount account, string? token, CancellationToken cancellationToken)
    {
        if (token is null)
            return client.AuthenticateAsync(new NetworkCredential(account.UserName, account.Password), cancellationToken);
        // The standard where it is offered; Exchange Online has the older one only.
        SaslMechanism mechanism = client.AuthenticationMechanisms.Contains("OAUTHBEARER")
            ? new SaslMechanismOAuthBearer(account.UserName, token)
            : new SaslMechanismOAuth2(account.UserName, token);
        return client.AuthenticateAsync(mechanism, cancellationToken);
    }

    private static async Task<string> TokenOfAsync(ImapAccount account, Func<CancellationToken, Task<string>> accessToken, CancellationToken cancellationToken)
    {
        try
        {
            return await accessToken(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw ImapErrors.NoToken(e, account);
        }
    }

    /// <summary>MailKit sets no keep-alive, and Azure's load balancer forgets a silent flow after 4 minutes without telling either side.</summary>
    private static async Task<Socket> OpenSocketAsync(ImapAccount account, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(account.Host, account.EffectivePort, cancellationToken);
            // Not before: .NET 8 connects no socket by host name whose options have been set.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
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
