using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>What somebody in between could try, and what certificates are for: nothing secret is sent before TLS stands with the right one.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Plain = "IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR";
    private readonly X509Certificate2 _certificate = Make("localhost");
    private readonly X509Certificate2 _other = Make("localhost");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("IMAP4rev1 AUTH=PLAIN AUTH=LOGIN SASL-IR", "{0} OK Begin")]
    [InlineData(Plain, "{0} BAD Unknown command")]
    [InlineData(Plain, "{0} NO Not now")]
    public async Task STARTTLS_that_is_taken_away_or_refused_is_the_end_and_nothing_secret_is_sent(string capabilities, string answer)
    {
        await using var server = Server(capabilities, tag => answer.Replace("{0}", tag, StringComparison.Ordinal));
        var error = await ConnectAsync(server, ImapSecurity.StartTls);
        Assert.Equal(ImapSessionError.InsecureConnection, error.Error);
        Assert.Contains("set 'security' to tls", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, IsLogin);
    }

    [Theory]
    [InlineData("{0} OK Begin TLS\n{1} OK Logged in")]
    [InlineData("{0} OK Begin TLS\n* CAPABILITY IMAP4rev1 AUTH=LOGIN\n{1} OK Done")]
    [InlineData("{0} OK Begin TLS\n* BYE [ALERT] Call 0900")]
    [InlineData("{0} OK Begin TLS\n* 1 FETCH (BODY[] {1000}")]
    [InlineData("* CAPABILITY IMAP4rev1 AUTH=LOGIN\n{0} OK Begin TLS")]
    [InlineData("* OK Hello\n{0} OK Begin TLS")]
    public async Task What_is_put_in_before_TLS_begins_is_noticed_and_nothing_secret_is_sent(string answer)
    {
        await using var server = Server(Plain, tag => answer.Replace("{0}", tag, StringComparison.Ordinal).Replace("{1}", Next(tag), StringComparison.Ordinal));
        var error = await ConnectAsync(server, ImapSecurity.StartTls);
        Assert.Equal(ImapSessionError.InsecureConnection, error.Error);
        Assert.Contains("More came before TLS began", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0900", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, IsLogin);
    }

    /// <summary>MailKit asks within TLS only if it has been told once.</summary>
    [Fact]
    public async Task Capabilities_that_were_told_twice_before_TLS_do_not_count_within()
    {
        await using var server = new ScriptedServer("* OK Ready", (tag, command) => command switch
        {
            "CAPABILITY" => $"* CAPABILITY {Plain}\n* CAPABILITY {Plain}\n{tag} OK Done",
            _ => $"{tag} OK Done",
        })
        { Certificate = _certificate };
        var error = await ConnectAsync(server, ImapSecurity.StartTls);
        Assert.Contains("More came before TLS began", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, IsLogin);
    }

    [Theory]
    [InlineData(ImapSecurity.StartTls)]
    [InlineData(ImapSecurity.Tls)]
    public async Task Within_TLS_the_login_comes(ImapSecurity security)
    {
        await using var server = Server(Plain, tag => $"{tag} OK Begin TLS", atOnce: security == ImapSecurity.Tls);
        await using var session = await ImapSession.ConnectAsync(Account(server, security), Token);
        Assert.Contains(server.Commands, IsLogin);
    }

    [Theory]
    [InlineData(ImapSecurity.StartTls)]
    [InlineData(ImapSecurity.Tls)]
    public async Task Another_certificate_than_the_pinned_one_is_refused_and_told(ImapSecurity security)
    {
        await using var server = Server(Plain, tag => $"{tag} OK Begin TLS", atOnce: security == ImapSecurity.Tls);
        var error = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(Account(server, security) with { CertificateFingerprint = Fingerprint(_other) }, Token));
        Assert.Equal(ImapSessionError.InsecureConnection, error.Error);
        Assert.Contains("is not the one of 'certificateFingerprint'", error.Message, StringComparison.Ordinal);
        Assert.Contains(Fingerprint(_certificate), error.Message.Replace(":", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("subject 'CN=localhost', issuer 'CN=localhost', ends ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, IsLogin);
    }

    [Fact]
    public async Task A_private_authority_is_trusted_with_the_right_name_only()
    {
        await using var server = Server(Plain, tag => $"{tag} OK Begin TLS", atOnce: true);
        var account = Account(server, ImapSecurity.Tls) with { CertificateFingerprint = null };
        Assert.Contains("is not trusted on this machine", (await FailAsync(account)).Message, StringComparison.Ordinal);
        Assert.Contains("No authority of 'caCertificate' vouches", (await FailAsync(account with { CaCertificate = _other.ExportCertificatePem() })).Message, StringComparison.Ordinal);
        Assert.Contains("is not made out to '127.0.0.1'", (await FailAsync(account with { CaCertificate = _certificate.ExportCertificatePem(), Host = "127.0.0.1" })).Message, StringComparison.Ordinal);
        Assert.Contains("'caCertificate' names a file that cannot be read", (await FailAsync(account with { CaCertificate = "/nowhere/ca.pem" })).Message, StringComparison.Ordinal);
        Assert.Contains("'certificateFingerprint' must be", (await FailAsync(account with { CertificateFingerprint = "12:34" })).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, IsLogin);
        await using var session = await ImapSession.ConnectAsync(account with { CaCertificate = _certificate.ExportCertificatePem() }, Token);
        Assert.Contains(server.Commands, IsLogin);
    }

    [Fact]
    public async Task A_password_does_not_leave_the_machine_readable_unless_that_is_allowed()
    {
        // Nobody listens there, and it is refused before anybody is asked.
        var account = new ImapAccount { Host = "192.0.2.1", Port = 1, Security = ImapSecurity.None, UserName = "ann", Password = "secret-0815" };
        var error = await FailAsync(account);
        Assert.Equal(ImapSessionError.InsecureConnection, error.Error);
        Assert.Contains("set 'allowPlainText' to true", error.Message, StringComparison.Ordinal);

        // Linux leads it here, but it is not the loopback's.
        await using var server = new ScriptedServer("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] Ready", static (tag, _) => $"{tag} OK Done");
        account = server.Account() with { Host = "0.0.0.0" };
        await FailAsync(account);
        Assert.Empty(server.Commands);
        await using var session = await ImapSession.ConnectAsync(account with { AllowPlainText = true }, Token);
        Assert.Contains(server.Commands, IsLogin);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _other.Dispose();
    }

    private ScriptedServer Server(string capabilities, Func<string, string> startTls, bool atOnce = false) => new($"* OK [CAPABILITY {capabilities}] Ready", (tag, command) => command switch
    {
        "STARTTLS" => startTls(tag),
        "CAPABILITY" => $"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\n{tag} OK Done",
        "LOGOUT" => $"* BYE Good bye\n{tag} OK Bye",
        _ => $"{tag} OK Done",
    })
    { Certificate = _certificate, CertificateAtOnce = atOnce ? _certificate : null };

    private ImapAccount Account(ScriptedServer server, ImapSecurity security) => server.Account(security) with { Host = "localhost", CertificateFingerprint = Fingerprint(_certificate) };

    private Task<ImapSessionException> ConnectAsync(ScriptedServer server, ImapSecurity security) => FailAsync(Account(server, security));

    private static Task<ImapSessionException> FailAsync(ImapAccount account) => Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account, Token));

    private static bool IsLogin(string command) => command.StartsWith("AUTHENTICATE", StringComparison.Ordinal) || command.StartsWith("LOGIN", StringComparison.Ordinal);

    private static string Next(string tag) => $"{tag[0]}{int.Parse(tag[1..], System.Globalization.CultureInfo.InvariantCulture) + 1:D8}";

    private static string Fingerprint(X509Certificate2 certificate) => Convert.ToHexString(SHA256.HashData(certificate.RawData));

    private static X509Certificate2 Make(string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
