using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImapTrigger.Imap;

/// <summary>Which certificate an account's connection accepts: the pinned one, one of a private authority, or one that the machine trusts. Says what is wrong with another.</summary>
internal sealed class CertificateTrust
{
    /// <summary>TLS server authentication (RFC 5280, 4.2.1.12).</summary>
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private const int MaxName = 300;
    private static readonly TimeSpan RevocationLimit = TimeSpan.FromSeconds(5);

    private readonly string _host;
    private readonly ServerText _said;
    private readonly byte[]? _fingerprint;
    private readonly X509Certificate2Collection? _authorities;

    /// <param name="account">Whose settings count.</param>
    /// <param name="host">The name that the certificate must be made out to.</param>
    /// <param name="said">Cleans what stands in a certificate.</param>
    /// <exception cref="FormatException">One of the two cannot be read; says which, for people.</exception>
    public CertificateTrust(ImapAccount account, string host, ServerText said)
    {
        _host = host;
        _said = said;
        _fingerprint = account.CertificateFingerprint is { } hex ? Fingerprint(hex.Replace(":", "", StringComparison.Ordinal)) : null;
        _authorities = account.CaCertificate is { } ca ? Authorities(ca) : null;
    }

    /// <summary>Whether the machine's trust decides, so that it is the machine that asks for revocations.</summary>
    public bool IsTheMachines => _fingerprint is null && _authorities is null;

    /// <summary>Why the last certificate was not accepted, and what to do; null while none was refused.</summary>
    public string? Objection { get; private set; }

    public bool IsTrusted(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        using var certificate = presented is null ? null : new X509Certificate2(presented);
        Objection = certificate is null ? "The server has shown no certificate." : ObjectionTo(certificate, chain, errors);
        return Objection is null;
    }

    private static byte[] Fingerprint(string hex) => hex.Length == 2 * SHA256.HashSizeInBytes && hex.All(char.IsAsciiHexDigit)
        ? Convert.FromHexString(hex)
        : throw new FormatException("'certificateFingerprint' must be the SHA-256 of the certificate: 64 hex digits, colons allowed.");

    private static X509Certificate2Collection Authorities(string setting)
    {
        try
        {
            return CaCertificates.Read(setting);
        }
        catch (FormatException e)
        {
            throw new FormatException($"'caCertificate' {e.Message}.");
        }
    }

    private string? ObjectionTo(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_fingerprint is not null)
            return _fingerprint.AsSpan().SequenceEqual(SHA256.HashData(certificate.RawData))
                ? null
                : $"The server's certificate is not the one of 'certificateFingerprint': {Describe(certificate)} If the server has a new one, set its SHA-256; if not, somebody sits in between.";
        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return $"The server's certificate is not made out to '{_host}': {Describe(certificate)} Set 'host' to a name that it is made out to, or pin it by 'certificateFingerprint'.";
        if (_authorities is not null)
        {
            using var own = PrivateChain(_authorities, chain);
            return own.Build(certificate) || IsOnlyUnchecked(own) ? null : $"No authority of 'caCertificate' vouches for the server's certificate ({Problems(own)}): {Describe(certificate)}";
        }

        return errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsOnlyUnchecked(chain))
            ? null
            : $"The server's certificate is not trusted on this machine ({Problems(chain)}): {Describe(certificate)} "
                + "For one of a private authority set 'caCertificate', for a self-signed one 'certificateFingerprint'.";
    }

    /// <summary>A revoked certificate is refused; one whose list of revocations cannot be fetched (closed networks, private authorities) is not, as in browsers.</summary>
    private static bool IsOnlyUnchecked(X509Chain? chain) => chain is { ChainStatus.Length: > 0 }
        && chain.ChainStatus.All(status => status.Status is X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation);

    private static string Problems(X509Chain? chain) => string.Join(", ", chain?.ChainStatus.Select(status => status.Status).Distinct() ?? []);

    private static X509Chain PrivateChain(X509Certificate2Collection authorities, X509Chain? shown)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        // Authorities on the way to the root: those of the setting, and what the server has sent along.
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        if (shown is not null)
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.Online;
        chain.ChainPolicy.UrlRetrievalTimeout = RevocationLimit;
        return chain;
    }

    private string Describe(X509Certificate2 certificate) => string.Create(
        CultureInfo.InvariantCulture,
        $"SHA-256 {Hex(SHA256.HashData(certificate.RawData))}, subject '{Clean(certificate.Subject)}', issuer '{Clean(certificate.Issuer)}', ends {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.");

    /// <summary>As OpenSSL prints it.</summary>
    private static string Hex(byte[] hash) => string.Join(':', hash.Select(part => part.ToString("X2", CultureInfo.InvariantCulture)));

    private string Clean(string name) => _said.Clean(name, MaxName);
}
