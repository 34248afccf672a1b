using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>A private authority and the certificates that it makes out.</summary>
internal sealed class TestAuthority(string name, TestAuthority? above = null) : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private X509Certificate2? _certificate;
    private byte _serial;

    public X509Certificate2 Certificate => _certificate ??= MakeOwn();

    public string Pem => Certificate.ExportCertificatePem();

    public X509Certificate2 Issue(string host, int endsInDays = 30, string purpose = "1.3.6.1.5.5.7.3.1", string? revocations = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, false));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (revocations is not null)
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([revocations]));
        return Sign(request, endsInDays);
    }

    /// <summary>Its list of revoked certificates.</summary>
    public byte[] Revoke(X509Certificate2 certificate)
    {
        var list = new CertificateRevocationListBuilder();
        list.AddEntry(certificate);
        return list.Build(Certificate, 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    public void Dispose()
    {
        _certificate?.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 MakeOwn()
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return above?.Sign(request, 3000).CopyWithPrivateKey(_key) ?? request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(3650));
    }

    private X509Certificate2 Sign(CertificateRequest request, int endsInDays) =>
        request.Create(Certificate, DateTimeOffset.UtcNow.AddDays(-99), DateTimeOffset.UtcNow.AddDays(endsInDays), [1, 2, ++_serial]);
}
