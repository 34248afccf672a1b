using System.Collections.Concurrent;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Our own test server, measured by what real ones do.</summary>
public sealed class InProcessServer : IMailServer
{
    public const string Password = "in-process-secret-0815";
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ConcurrentDictionary<string, ImapTestAccount> _accounts = new();

    public ServerTraits Traits { get; } = new() { Name = "ImapTrigger.Testing", HasAccessTokens = true };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ImapAccount Account(string user, ImapSecurity security = ImapSecurity.Tls)
    {
        AccountOf(user);
        return new ImapAccount
        {
            Host = _server.Host,
            Port = security == ImapSecurity.Tls ? _server.TlsPort : _server.Port,
            Security = security,
            UserName = user,
            Password = Password,
            CertificateFingerprint = security == ImapSecurity.None ? null : _server.CertificateFingerprint,
        };
    }

    public string AccessTokenOf(string user) => AccountOf(user).AccessToken = $"token-of-{user}";

    public Task DeliverAsync(string user, IEnumerable<byte[]> messages)
    {
        AccountOf(user).Inbox.AppendAll(messages);
        return Task.CompletedTask;
    }

    public Task RenumberAsync(string user)
    {
        AccountOf(user).Inbox.Renumber();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    internal ImapTestAccount AccountOf(string user) => _accounts.GetOrAdd(user, name => _server.AddAccount(name, Password));
}
