using System.Globalization;
using ImapTrigger.Imap;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>What the system says of our connection: the test is Linux's, the socket option is everybody's.</summary>
public sealed class KeepAliveTests
{
    private const string KeepAliveTimer = "02";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A load balancer forgets a flow that is silent for some minutes, without telling either side.</summary>
    [Fact]
    public async Task A_silent_connection_is_kept_alive_from_a_minute_on()
    {
        await using var server = ImapTestServer.Start();
        server.AddAccount("ann", "secret");
        var account = new ImapAccount { Host = "127.0.0.1", Port = server.Port, Security = ImapSecurity.None, UserName = "ann", Password = "secret" };
        await using var session = await ImapSession.ConnectAsync(account, Token);
        var deadline = DateTime.UtcNow.AddSeconds(30);
        string[] timer;
        do
        {
            Assert.True(DateTime.UtcNow < deadline, "The connection has no keep-alive timer.");
            await Task.Delay(20, Token);
            timer = await TimerAsync(server.Port);
        }
        while (timer[0] != KeepAliveTimer);

        // In hundredths of a second.
        Assert.InRange(int.Parse(timer[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), 1, 61_00);
    }

    /// <summary>The kind of timer that runs on our end of the connection, and how long it still runs.</summary>
    private static async Task<string[]> TimerAsync(int port)
    {
        var remote = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        var connections = (await File.ReadAllLinesAsync("/proc/net/tcp", Token)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return connections.Single(fields => fields[2].EndsWith(remote, StringComparison.Ordinal))[5].Split(':');
    }
}
