using ImapTrigger.Imap;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>Real proxies before a server: who goes through them, and what is said when they refuse.</summary>
public sealed class ProxyTests(InProcessServer server) : IClassFixture<InProcessServer>
{
    [Theory]
    [InlineData("http", ImapSecurity.Tls)]
    [InlineData("http", ImapSecurity.StartTls)]
    [InlineData("socks5", ImapSecurity.Tls)]
    public async Task Push_comes_through_a_proxy(string scheme, ImapSecurity security)
    {
        await using var proxy = await ProxyServer.StartAsync(scheme);
        var account = server.Account("ann", security) with { Proxy = new Uri(proxy.AddressWith(ProxyServer.Password)) };
        await using var session = await ImapSession.ConnectAsync(account, TestContext.Current.CancellationToken);
        await session.SelectAsync("INBOX", cancellationToken: TestContext.Current.CancellationToken);
        await session.Idle.StartAsync(TestContext.Current.CancellationToken);
        await server.DeliverAsync("ann", [OddMessages.Plain("hello")]);
        Assert.NotEmpty(await session.Idle.CheckAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await session.Idle.DoneAsync();
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task A_proxy_that_refuses_is_told_with_the_setting_and_without_its_password(string scheme)
    {
        await using var proxy = await ProxyServer.StartAsync(scheme);
        var account = server.Account("ann") with { Proxy = new Uri(proxy.AddressWith("wrong-0815")), Secrets = new SecretWords("wrong-0815") };
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account, TestContext.Current.CancellationToken));
        Assert.Equal(ImapSessionError.Unreachable, e.Error);
        Assert.Contains("check 'proxy', its user and password", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0815", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_told_as_such()
    {
        var account = server.Account("ann") with { Proxy = new Uri($"socks5://127.0.0.1:{FreePort.Find(1)[0]}") };
        var e = await Assert.ThrowsAsync<ImapSessionException>(() => ImapSession.ConnectAsync(account, TestContext.Current.CancellationToken));
        Assert.Contains("The proxy could not be reached (ConnectionRefused); check 'proxy'.", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The host's name is the proxy's to find: here it leads nowhere without it.</summary>
    [Fact]
    public async Task The_environment_s_proxy_is_used_by_choice()
    {
        await using var proxy = await ProxyServer.StartAsync("http");
        var state = Directory.CreateTempSubdirectory("imaptrigger-state-");
        var account = server.Account("env");
        await using (var host = HostProcess.Start(
        [
            new("Imap:host", account.Host), new("Imap:port", $"{account.Port}"), new("Imap:security", "tls"), new("Imap:userName", "env"), new("Imap:password", InProcessServer.Password),
            new("Imap:certificateFingerprint", account.CertificateFingerprint!), new("Imap:proxy", "environment"),
            // Refused, so that it shows who was asked.
            new("ALL_PROXY", proxy.AddressWith("wrong-0815")),
            new("AzureWebJobs:extensions:imapIdle:localStatePath", state.FullName),
        ]))
        {
            await host.WaitForLogAsync(305);
            Assert.Contains(host.Output.Lines, line => line.Text.Contains("The proxy does not connect us", StringComparison.Ordinal));
            Assert.DoesNotContain(host.Output.Lines, line => line.Text.Contains("0815", StringComparison.Ordinal));
        }

        state.Delete(recursive: true);
    }
}
