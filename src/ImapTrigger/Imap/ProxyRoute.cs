using System.Net;
using System.Net.Sockets;
using MailKit.Net.Proxy;
using MailKit.Security;

namespace ImapTrigger.Imap;

/// <summary>The way to a server through a proxy, which also looks up the server's name: HTTP CONNECT (RFC 9110, 9.3.6) or SOCKS5 (RFC 1928, 1929).</summary>
internal static class ProxyRoute
{
    /// <returns>Null where the account goes straight.</returns>
    public static IProxyClient? Of(ImapAccount account) => account.UseSystemProxy ? ProxyClient.SystemProxy : account.Proxy is { } proxy ? Client(proxy) : null;

    public static async Task<Stream> OpenAsync(IProxyClient proxy, string host, int port, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await proxy.ConnectAsync(host, port, cancellationToken);
            // What stands between forgets a silent flow, as Azure's load balancer does.
            if (stream is NetworkStream network)
                KeepAlive.Set(network.Socket);
            return stream;
        }
        catch (AuthenticationException e)
        {
            // SOCKS5 refuses a password so, CONNECT by 407: it is the proxy's either way, and no login.
            throw new ProxyProtocolException(e.Message, e);
        }
    }

    private static ProxyClient Client(Uri proxy)
    {
        var credentials = proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password] ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)) : null;
        return (proxy.Scheme, credentials) switch
        {
            ("http", null) => new HttpProxyClient(proxy.IdnHost, proxy.Port),
            ("http", _) => new HttpProxyClient(proxy.IdnHost, proxy.Port, credentials),
            ("https", null) => new HttpsProxyClient(proxy.IdnHost, proxy.Port),
            ("https", _) => new HttpsProxyClient(proxy.IdnHost, proxy.Port, credentials),
            ("socks5", null) => new Socks5Client(proxy.IdnHost, PortOf(proxy)),
            ("socks5", _) => new Socks5Client(proxy.IdnHost, PortOf(proxy), credentials),
            _ => throw new ArgumentException("A proxy is http://, https:// or socks5://.", nameof(proxy)),
        };
    }

    // Not one of the schemes that .NET knows a port of.
    private static int PortOf(Uri proxy) => proxy.Port > 0 ? proxy.Port : 1080;
}
