using System.Text;

namespace ImapTrigger;

/// <summary>Where an account lives and how to log in: by a password or by an access token. Never prints either.</summary>
public sealed record ImapAccount
{
    /// <summary>The server's host name; the certificate must be made out to it.</summary>
    public required string Host { get; init; }

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

    /// <summary>
    /// SHA-256 of the one certificate to accept although no authority vouches for it (self-signed servers, Proton Bridge),
    /// as hex digits, colons allowed; null accepts only certificates that the machine trusts.
    /// </summary>
    public string? CertificateFingerprint { get; init; }

    internal ImapSecurity EffectiveSecurity => Security switch
    {
        ImapSecurity.Auto when Port is null or 993 => ImapSecurity.Tls,
        ImapSecurity.Auto => ImapSecurity.StartTls,
        var chosen => chosen,
    };

    internal int EffectivePort => Port ?? (EffectiveSecurity is ImapSecurity.Tls ? 993 : 143);

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Host = ").Append(Host).Append(", Port = ").Append(EffectivePort)
            .Append(", Security = ").Append(Security).Append(", UserName = ").Append(UserName);
        return true;
    }
}
