using System.Net;
using System.Net.Sockets;
using ImapTrigger.Imap;
using MailKit.Net.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>Where the machine's trust decides, the machine is asked for revocations, too.</summary>
public sealed class RevocationTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("00", false)]
    public async Task Revocations_are_asked_for_unless_the_certificate_is_pinned(string? pinned, bool asked)
    {
        using var refusing = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        refusing.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var account = new ImapAccount
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)refusing.LocalEndPoint!).Port,
            UserName = "ann",
            Password = "secret",
            CertificateFingerprint = pinned is null ? null : string.Concat(Enumerable.Repeat(pinned, 32)),
        };
        var tap = new ProtocolTap(TimeProvider.System);
        using var client = new ImapClient { CheckCertificateRevocation = !asked };
        var connector = new ImapConnector(client, account, tap, new ImapErrors(account, tap, () => false), TimeProvider.System);
        await Assert.ThrowsAnyAsync<SocketException>(() => connector.ConnectAsync(TestContext.Current.CancellationToken));
        Assert.Equal(asked, client.CheckCertificateRevocation);
    }
}
