namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Where a server of the tests listens, and with what its accounts log in.</summary>
internal sealed record LocalAddress(int Port, int TlsPort, string Password, string CertificateFingerprint)
{
    public ImapAccount Account(string user, ImapSecurity security) => new()
    {
        Host = "localhost",
        Port = security == ImapSecurity.Tls ? TlsPort : Port,
        Security = security,
        UserName = user,
        Password = Password,
        CertificateFingerprint = security == ImapSecurity.None ? null : CertificateFingerprint,
    };
}
