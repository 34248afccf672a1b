using System.Collections.Concurrent;
using System.Globalization;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Our own test server, measured by what real ones do.</summary>
public sealed class InProcessServer : IMailServer
{
    private const string Password = "in-process-secret-0815";
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly ConcurrentDictionary<string, ImapTestAccount> _accounts = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public IReadOnlyDictionary<string, string?> Settings(string user)
    {
        AccountOf(user);
        return new Dictionary<string, string?>
        {
            ["Mail:host"] = _server.Host,
            ["Mail:port"] = _server.TlsPort.ToString(CultureInfo.InvariantCulture),
            ["Mail:security"] = "tls",
            ["Mail:userName"] = user,
            ["Mail:password"] = Password,
            ["Mail:certificateFingerprint"] = _server.CertificateFingerprint,
        };
    }

    public Task DeliverAsync(string user, IEnumerable<byte[]> messages)
    {
        AccountOf(user).Inbox.AppendAll(messages);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private ImapTestAccount AccountOf(string user) => _accounts.GetOrAdd(user, name => _server.AddAccount(name, Password));
}
