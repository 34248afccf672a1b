using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>Which certificate is accepted, and what is said of one that is not.</summary>
public sealed class CertificateTrustTests : IDisposable
{
    private const string Host = "mail.example.org";
    private readonly TestAuthority _authority = new("Our own authority");
    private readonly TestAuthority _other = new("Somebody else");

    [Fact]
    public void A_pinned_certificate_is_the_only_one_though_an_authority_vouches_for_another()
    {
        using var pinned = _authority.Issue(Host);
        using var other = _authority.Issue(Host);
        var account = Account() with { CertificateFingerprint = Fingerprint(pinned) };
        Assert.Null(ObjectionTo(pinned, account, SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.Null(ObjectionTo(pinned, account with { CertificateFingerprint = string.Join(':', Fingerprint(pinned).ToLowerInvariant().Chunk(2).Select(pair => new string(pair))) }, SslPolicyErrors.None));
        // The machine finds nothing wrong with it.
        Assert.NotNull(ObjectionTo(other, account, SslPolicyErrors.None));
        Assert.NotNull(ObjectionTo(null, account, SslPolicyErrors.RemoteCertificateNotAvailable));
    }

    [Fact]
    public void Of_a_certificate_that_is_refused_it_is_said_which_it_is()
    {
        using var shown = _authority.Issue(Host);
        var objection = ObjectionTo(shown, Account() with { CertificateFingerprint = new string('0', 64) }, SslPolicyErrors.None)!;
        Assert.Contains($"SHA-256 {string.Join(':', Fingerprint(shown).Chunk(2).Select(pair => new string(pair)))}, subject 'CN={Host}', issuer 'CN=Our own authority', ends ", objection, StringComparison.Ordinal);
        Assert.Contains(shown.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd HH:mm' UTC'", System.Globalization.CultureInfo.InvariantCulture), objection, StringComparison.Ordinal);
        foreach (var (account, errors, what) in new[]
        {
            (Account(), SslPolicyErrors.RemoteCertificateNameMismatch, $"not made out to '{Host}'"),
            (Account(), SslPolicyErrors.RemoteCertificateChainErrors, "not trusted on this machine"),
            (Account() with { CaCertificate = _other.Pem }, SslPolicyErrors.None, "No authority of 'caCertificate' vouches"),
        })
        {
            objection = ObjectionTo(shown, account, errors)!;
            Assert.Contains(what, objection, StringComparison.Ordinal);
            Assert.Contains(Fingerprint(shown)[..2], objection, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_private_authority_vouches_for_its_own_and_for_nobody_else_and_names_and_ends_are_checked()
    {
        var account = Account() with { CaCertificate = _authority.Pem };
        using var sound = _authority.Issue(Host);
        using var foreign = _other.Issue(Host);
        using var ended = _authority.Issue(Host, endsInDays: -1);
        using var forMail = _authority.Issue(Host, purpose: "1.3.6.1.5.5.7.3.4");
        Assert.Null(ObjectionTo(sound, account, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Null(ObjectionTo(sound, account with { CaCertificate = _other.Pem + "\n" + _authority.Pem }, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Contains("not made out", ObjectionTo(sound, account, SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch), StringComparison.Ordinal);
        // Also when the machine trusts them.
        Assert.Contains("UntrustedRoot|PartialChain".Split('|'), word => ObjectionTo(foreign, account, SslPolicyErrors.None)!.Contains(word, StringComparison.Ordinal));
        Assert.Contains("NotTimeValid", ObjectionTo(ended, account, SslPolicyErrors.RemoteCertificateChainErrors), StringComparison.Ordinal);
        Assert.Contains("NotValidForUsage", ObjectionTo(forMail, account, SslPolicyErrors.RemoteCertificateChainErrors), StringComparison.Ordinal);
    }

    [Fact]
    public void Authorities_on_the_way_to_the_root_stand_in_the_setting_or_come_with_the_server()
    {
        using var between = new TestAuthority("Between", _authority);
        using var certificate = between.Issue(Host);
        Assert.Null(ObjectionTo(certificate, Account() with { CaCertificate = _authority.Pem + "\n" + between.Pem }, SslPolicyErrors.RemoteCertificateChainErrors));
        using var shown = new X509Chain();
        shown.ChainPolicy.ExtraStore.Add(between.Certificate);
        Assert.Null(ObjectionTo(certificate, Account() with { CaCertificate = _authority.Pem }, SslPolicyErrors.RemoteCertificateChainErrors, shown));
        Assert.Contains("PartialChain", ObjectionTo(certificate, Account() with { CaCertificate = _authority.Pem }, SslPolicyErrors.RemoteCertificateChainErrors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_its_private_authority_has_revoked_is_refused_and_one_whose_list_cannot_be_fetched_is_not()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var revoked = _authority.Issue(Host, revocations: $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{Guid.NewGuid():N}.crl");
        var account = Account() with { CaCertificate = _authority.Pem };
        var served = ServeAsync(listener, _authority.Revoke(revoked));
        Assert.Contains("Revoked", await Task.Run(() => ObjectionTo(revoked, account, SslPolicyErrors.RemoteCertificateChainErrors), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await served;

        using var unknown = _authority.Issue(Host, revocations: "http://127.0.0.1:9/gone.crl");
        Assert.Null(ObjectionTo(unknown, account, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("one line")]
    [InlineData("pem file")]
    [InlineData("der file")]
    public void The_setting_is_PEM_or_a_file(string form)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, form == "der file" ? _authority.Certificate.Export(X509ContentType.Cert) : System.Text.Encoding.ASCII.GetBytes(_authority.Pem));
            var setting = form switch
            {
                "pem" => _authority.Pem,
                "one line" => _authority.Pem.ReplaceLineEndings("\\n"),
                _ => file,
            };
            Assert.Equal(_authority.Certificate, Assert.Single(CaCertificates.Read(setting)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    private static async Task ServeAsync(TcpListener listener, byte[] list)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        using var lines = new StreamReader(stream);
        while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
        {
        }

        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {list.Length}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        await stream.WriteAsync(list, TestContext.Current.CancellationToken);
    }

    private static ImapAccount Account() => new() { Host = Host, UserName = "ann", Password = "secret" };

    private static string Fingerprint(X509Certificate2 certificate) => Convert.ToHexString(SHA256.HashData(certificate.RawData));

    private static string? ObjectionTo(X509Certificate2? certificate, ImapAccount account, SslPolicyErrors errors, X509Chain? chain = null)
    {
        var trust = new CertificateTrust(account, Host, new ServerText(account));
        Assert.Equal(trust.IsTrusted(certificate, chain, errors), trust.Objection is null);
        return trust.Objection;
    }
}
