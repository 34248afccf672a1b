using System.Globalization;
using System.Net;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Dovecot takes tokens alone: those of a managed identity, by the token endpoint of App Service, and those for a refresh token.</summary>
public sealed class AccessTokenTests(DovecotServer dovecot) : IClassFixture<DovecotServer>, IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Fact]
    public async Task A_mailbox_is_watched_with_the_tokens_of_a_managed_identity()
    {
        var token = dovecot.AccessTokenOf("identity");
        using var platform = new TokenEndpoint(token);
        await using var host = HostProcess.Start(
        [
            .. dovecot.Settings("identity").Where(setting => setting.Key != "Imap:password"), new("Imap:authentication", "oauth2"), new("Imap:credential", "managedidentity"),
            new("IDENTITY_ENDPOINT", platform.Address), new("IDENTITY_HEADER", TokenEndpoint.Header),
            new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName), new("Logging:LogLevel:Default", "Trace"),
        ]);
        await host.WaitForLogAsync(300);
        await dovecot.DeliverAsync("identity", [OddMessages.Plain("hello")]);
        await host.WaitForAsync(() => host.Calls.Any(call => call.Subject == "hello"), "the message");
        await host.WaitForLogAsync(408);
        Assert.DoesNotContain(host.Output.Lines, line => line.Text.Contains(token, StringComparison.Ordinal));
        Assert.Contains("https://outlook.office365.com", await platform.Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mailbox_is_watched_with_the_tokens_of_a_refresh_token_once_the_service_that_gives_them_is_up()
    {
        var token = dovecot.AccessTokenOf("refresh");
        using var service = new RefreshEndpoint("r3fresh-token", token);
        await using var host = HostProcess.Start(
        [
            .. dovecot.Settings("refresh").Where(setting => setting.Key != "Imap:password"), new("Imap:authentication", "oauth2"),
            new("Imap:tokenEndpoint", service.Address), new("Imap:refreshToken", "r3fresh-token"), new("Imap:clientId", "app"),
            new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName), new("Logging:LogLevel:Default", "Trace"),
        ]);
        await host.WaitForLogAsync(305);
        Assert.Contains(host.Output.Lines, line => line.Text.Contains("could not get an access token now (\"127.0.0.1 refused (503).\")", StringComparison.Ordinal));
        await host.WaitForLogAsync(300);
        await dovecot.DeliverAsync("refresh", [OddMessages.Plain("hello")]);
        await host.WaitForAsync(() => host.Calls.Any(call => call.Subject == "hello"), "the message");
        await host.WaitForLogAsync(408);
        Assert.DoesNotContain(host.Output.Lines, line => line.Text.Contains(token, StringComparison.Ordinal) || line.Text.Contains("r3fresh-token", StringComparison.Ordinal));
    }

    public void Dispose() => _state.Delete(recursive: true);

    /// <summary>What App Service offers to an app with a managed identity.</summary>
    private sealed class TokenEndpoint : IDisposable
    {
        public const string Header = "a-secret-of-the-platform";
        private readonly HttpListener _listener = new();
        private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _answering;

        public TokenEndpoint(string token)
        {
            Address = $"http://127.0.0.1:{FreePort.Find(1)[0]}/msi/token";
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _answering = AnswerAsync(token);
        }

        public string Address { get; }

        /// <summary>The resource that a token was asked for.</summary>
        public Task<string> Asked => _asked.Task;

        public void Dispose()
        {
            _listener.Close();
            _answering.Wait();
        }

        private async Task AnswerAsync(string token)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    var resource = context.Request.QueryString["resource"] ?? "";
                    if (context.Request.Headers["X-IDENTITY-HEADER"] != Header)
                        context.Response.StatusCode = 403;
                    else
                        await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new
                        {
                            access_token = token, expires_on = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), resource, token_type = "Bearer",
                        }));
                    context.Response.Close();
                    _asked.TrySetResult(resource);
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // It has been closed.
            }
        }
    }

    /// <summary>A service that gives tokens for a refresh token: down at first.</summary>
    private sealed class RefreshEndpoint : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _answering;

        public RefreshEndpoint(string refreshToken, string token)
        {
            Address = $"http://127.0.0.1:{FreePort.Find(1)[0]}/token";
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _answering = AnswerAsync(refreshToken, token);
        }

        public string Address { get; }

        public void Dispose()
        {
            _listener.Close();
            _answering.Wait();
        }

        private async Task AnswerAsync(string refreshToken, string token)
        {
            try
            {
                for (var asked = 1; ; asked++)
                {
                    var context = await _listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream);
                    var form = await reader.ReadToEndAsync();
                    if (asked == 1)
                        context.Response.StatusCode = 503;
                    else if (form != $"refresh_token={refreshToken}&client_id=app&grant_type=refresh_token")
                        context.Response.StatusCode = 400;
                    else
                        await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { access_token = token, expires_in = 3600, token_type = "Bearer" }));
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // It has been closed.
            }
        }
    }
}
