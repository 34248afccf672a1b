using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImapTrigger.IntegrationTests.Servers;

internal static class ServerCertificate
{
    /// <summary>Writes a certificate of localhost for a day: cert.pem, key.pem, and both.pem with the two.</summary>
    /// <returns>Its SHA-256.</returns>
    public static string Write(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (cert, pem) = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "cert.pem"), cert);
        File.WriteAllText(Path.Combine(folder, "key.pem"), pem);
        File.WriteAllText(Path.Combine(folder, "both.pem"), $"{pem}\n{cert}\n");
        return Convert.ToHexString(SHA256.HashData(certificate.RawData));
    }
}
