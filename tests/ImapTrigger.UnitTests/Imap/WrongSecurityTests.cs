using System.Net;
using System.Net.Sockets;
using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>TLS against a port that begins in plain text: its first bytes tell.</summary>
public sealed class WrongSecurityTests
{
    [Fact]
    public async Task The_first_bytes_tell_that_a_port_does_not_speak_TLS()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var connecting = ImapSession.ConnectAsync(new ImapAccount { Host = "127.0.0.1", Port = port, Security = ImapSecurity.Tls, UserName = "ann", Password = "secret" }, TestContext.Current.CancellationToken);
        using var server = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await server.SendAsync("* OK ready\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => connecting);
        Assert.Contains($"it looks like the wrong 'security' for port {port}; set 'security' to startTls", e.Message, StringComparison.Ordinal);
    }
}
