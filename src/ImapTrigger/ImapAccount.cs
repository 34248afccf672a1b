using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImapTrigger;

/// <summary>Where an account lives and how to log in: by a password or by an access token. Never prints either.</summary>
public sealed record ImapAccount
{
    private readonly string _host = "";

    /// <summary>The server's host name or IP address, an IPv6 address with or without the brackets of a URL; the certificate must be made out to it.</summary>
    public required string Host
    {
        get => _host;
        init => _host = Canonical(value);
    }

    /// <summary>The TCP port, 1 to 65535; null takes the usual one of <see cref="Security"/>: 993 or 143.</summary>
    public int? Port { get; init; }

    /// <summary>How the connection is protected; <see cref="ImapSecurity.Auto"/> by default.</summary>
    public ImapSecurity Security { get; init; }

    /// <summary>The user name, for most providers the whole mail address.</summary>
    public required string UserName { get; init; }

    /// <summary>The password or app password; null with <see cref="AccessToken"/>.</summary>
    public string? Password { get; init; }

    /// <summary>
    /// Gives an OAuth 2.0 access token, in place of a password (SASL OAUTHBEARER, RFC 7628, else XOAUTH2). Asked anew at each login, so that it may keep
    /// tokens and renew them in time; what it throws fails the login, and its message is told.
    /// </summary>
    public Func<CancellationToken, Task<string>>? AccessToken { get; init; }

    /// <summary>By what <see cref="AccessToken"/> gets its tokens, so that it is kept out of what is told.</summary>
    internal SecretWords Secrets { get; init; } = SecretWords.None;

    /// <summary>
    /// SHA-256 of the one certificate to accept, and no other, whoever vouches for it (self-signed servers, Proton Bridge),
    /// as hex digits, colons allowed; null accepts the certificates that <see cref="CaCertificate"/>, or else the machine, trusts.
    /// </summary>
    public string? CertificateFingerprint { get; init; }

    /// <summary>
    /// The certificate of a private authority, which alone is then trusted, as PEM or as the path of a file (PEM or DER); null trusts those that the machine does.
    /// Read at each login. Names, dates and revocation are checked as ever.
    /// </summary>
    public string? CaCertificate { get; init; }

    /// <summary>Whether <see cref="Password"/> may cross a network readable: with <see cref="ImapSecurity.None"/> a host other than this machine is refused without it.</summary>
    public bool AllowPlainText { get; init; }

    /// <summary>The proxy to go through, which also looks up <see cref="Host"/>: http://, https:// (CONNECT) or socks5://, with user and password where it wants them; null goes straight.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Whether to go through the proxy that the process's environment names (HTTPS_PROXY, ALL_PROXY, NO_PROXY), or the machine's on Windows; false by default.</summary>
    public bool UseSystemProxy { get; init; }

    /// <summary>
    /// Under which identifier the receiving server writes Authentication-Results (authserv-id, RFC 8601, 2.5), so that nobody else's are believed: host names with
    /// commas between, <c>*.example.org</c> for those below one, <c>none</c> for a server that writes no identifier. Null takes what is known of the big providers, and
    /// elsewhere believes what stands above the topmost Received, which no sender can write.
    /// </summary>
    public string? AuthservId { get; init; }

    internal ImapSecurity EffectiveSecurity => Security switch
    {
        ImapSecurity.Auto when Port is null or 993 => ImapSecurity.Tls,
        ImapSecurity.Auto => ImapSecurity.StartTls,
        var chosen => chosen,
    };

    /// <summary>Whether what is sent leaves this machine readable; a name other than localhost may lead anywhere.</summary>
    internal bool IsReadableOutside => EffectiveSecurity == ImapSecurity.None && !IsLoopback(Host);

    internal int EffectivePort => Port ?? (EffectiveSecurity is ImapSecurity.Tls ? 993 : 143);

    /// <summary>Host and port as people write them (RFC 3986, 3.2.2): an IPv6 address in brackets.</summary>
    internal string Endpoint => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{EffectivePort}" : $"{Host}:{EffectivePort}";

    /// <summary>One spelling for each IPv6 address, and without brackets, as sockets and TLS want it. A zone (%eth0) stays as it is.</summary>
    private static string Canonical(string host)
    {
        var bare = host is ['[', .. var inner, ']'] ? inner : host;
        if (!IPAddress.TryParse(bare, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return host;
        address.ScopeId = 0;
        return bare.IndexOf('%', StringComparison.Ordinal) is var zone and > 0 ? address + bare[zone..] : address.ToString();
    }

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Host = ").Append(Host).Append(", Port = ").Append(EffectivePort)
            .Append(", Security = ").Append(Security).Append(", UserName = ").Append(UserName);
        return true;
    }
}
