using System.Globalization;
using ImapTrigger.Testing;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ImapTrigger.Benchmarks;

/// <summary>A WebJobs host with one function, its state on the local disk.</summary>
internal sealed class TriggerHost : IContestant
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-bench-");
    private readonly IHost _host;

    private TriggerHost(ImapTestServer server, ImapTestAccount account)
    {
        Inbox = account.Inbox;
        _host = new HostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Imap:host"] = server.Host,
                ["Imap:port"] = server.TlsPort.ToString(CultureInfo.InvariantCulture),
                ["Imap:security"] = "tls",
                ["Imap:userName"] = account.UserName,
                ["Imap:password"] = account.Password,
                ["Imap:certificateFingerprint"] = server.CertificateFingerprint,
                ["AzureWebJobs:extensions:imapIdle:localStatePath"] = _state.FullName,
            }))
            .ConfigureWebJobs(webJobs => webJobs.AddImapIdle())
            .ConfigureServices(services => services.AddSingleton(Arrival).AddSingleton<ITypeLocator, Functions>())
            .Build();
    }

    public string Name => "[ImapIdleTrigger]";

    public ImapTestFolder Inbox { get; }

    public Arrival Arrival { get; } = new();

    public static async Task<TriggerHost> StartAsync(ImapTestServer server, ImapTestAccount account)
    {
        var trigger = new TriggerHost(server, account);
        await trigger._host.StartAsync();
        return trigger;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _state.Delete(recursive: true);
    }

    private sealed class Functions : ITypeLocator
    {
        public IReadOnlyList<Type> GetTypes() => [typeof(OnMailFunction)];
    }

    private sealed class OnMailFunction(Arrival arrival)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail)
        {
            arrival.Now();
            _ = mail;
        }
    }
}
