using System.Net;
using System.Net.Sockets;
using System.Reflection;
using MailKit.Net.Imap;
using MailKit.Net.Proxy;
using MailKit.Security;

namespace ImapTrigger.Imap;

/// <summary>From an account to a connection that is logged in: own socket, TLS, login, ID.</summary>
/// <param name="client">MailKit's.</param>
/// <param name="account">Where and as whom.</param>
/// <param name="tap">Listens to the client.</param>
/// <param name="errors">Tells what goes wrong.</param>
/// <param name="time">The clock.</param>
/// <param name="onSilence">Gets what to tell people when the server has left us without a byte for 5 seconds; the wait goes on.</param>
internal sealed class ImapConnector(ImapClient client, ImapAccount account, ProtocolTap tap, ImapErrors errors, TimeProvider time, Action<string>? onSilence = null)
{
    /// <summary>Cyrus without conversations says "THREADID (NIL)", which MailKit cannot read (RFC 8474, 5.2 has NIL alone).</summary>
    public bool HasThreadIds { get; private set; } = true;

    private const string Injected = "More came before TLS began than the answer to STARTTLS: somebody in between may have put it there. Set 'security' to tls (port 993).";

    private static readonly string Version = typeof(ImapConnector).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    // As it is written in URLs (RFC 3986, 3.2.2); certificates and resolvers know no brackets.
    private readonly string _host = account.Host is ['[', .. var inside, ']'] ? inside : account.Host;

    /// <summary>How far it has come.</summary>
    public ImapStep Step { get; private set; } = ImapStep.Reach;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (account is { IsReadableOutside: true, AllowPlainText: false })
            throw errors.Insecure("Without TLS the password, or the token, would cross the network readable: set 'security' to tls or startTls; to send it readable nevertheless, set 'allowPlainText' to true.");
        var trust = Trust();
        client.CheckCertificateRevocation = trust.IsTheMachines;
        var injected = false;
        client.ServerCertificateValidationCallback = (_, certificate, chain, problems) =>
        {
            injected = account.EffectiveSecurity == ImapSecurity.StartTls && !tap.BeforeTls.End();
            return !injected && trust.IsTrusted(certificate, chain, problems);
        };
        // Before the connection: a server does not wait long for a login.
        var token = account.AccessToken is { } accessToken ? await TokenOfAsync(accessToken, cancellationToken) : null;

        var way = ProxyRoute.Of(account) is { } proxy ? await ThroughAsync(proxy, cancellationToken) : await StraightAsync(cancellationToken);
        Step = ImapStep.Greet;
        try
        {
            using (new SilentPort(tap, () => onSilence?.Invoke(errors.SilentSoFar), time))
                await client.ConnectAsync(way, _host, account.EffectivePort, OptionsOf(account.EffectiveSecurity), cancellationToken);
            if (account.EffectiveSecurity == ImapSecurity.StartTls && !tap.BeforeTls.HasSpokenSince)
                throw errors.Insecure(Injected);
        }
        catch (Exception e)
        {
            way.Dispose();
            throw e switch
            {
                OperationCanceledException => e,
                _ when tap.IsPreauthenticated => errors.LoggedInAlready(),
                _ when injected => errors.Insecure(Injected, e),
                _ when trust.Objection is { } objection => errors.Insecure(objection, e),
                _ => e,
            };
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

    private CertificateTrust Trust()
    {
        try
        {
            return new CertificateTrust(account, _host, errors.Said);
        }
        catch (FormatException e)
        {
            throw errors.Insecure(e.Message);
        }
    }

    private async Task<string> TokenOfAsync(Func<CancellationToken, Task<string>> accessToken, CancellationToken cancellationToken)
    {
        try
        {
            var token = await accessToken(cancellationToken);
            errors.Said.Hide(token);
            return token;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw errors.NoToken(e);
        }
    }

    private async Task<Stream> ThroughAsync(IProxyClient proxy, CancellationToken cancellationToken)
    {
        var way = await ProxyRoute.OpenAsync(proxy, _host, account.EffectivePort, cancellationToken);
        if (way is NetworkStream bare)
            return new FirstByteStream(bare.Socket, tap.Answered);
        // TLS to the proxy: whose byte was the first cannot be seen, so nobody is suspected.
        tap.Answered();
        return way;
    }

    private async Task<Stream> StraightAsync(CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(_host, out var address) ? [address] : await Dns.GetHostAddressesAsync(_host, cancellationToken);
        return new FirstByteStream(await HappyEyeballs.ConnectAsync(addresses, ConnectAsync, time, cancellationToken), tap.Answered);
    }

    private async Task<Socket> ConnectAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            KeepAlive.Set(socket);
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
}
