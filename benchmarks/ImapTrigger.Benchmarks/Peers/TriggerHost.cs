using System.Globalization;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Benchmarks.Peers;

/// <summary>The trigger as the README shows it: a WebJobs host, one function, a list of mailboxes, its state on the local disk.</summary>
internal static class TriggerHost
{
    public static async Task RunAsync(Watch watch)
    {
        var settings = new Dictionary<string, string?> { ["AzureWebJobs:extensions:imapIdle:localStatePath"] = watch.State };
        foreach (var mailbox in watch.Mailboxes)
        {
            var section = string.Create(CultureInfo.InvariantCulture, $"Mail:{mailbox - watch.First}:");
            settings[section + "host"] = watch.Host;
            settings[section + "port"] = watch.Port.ToString(CultureInfo.InvariantCulture);
            settings[section + "security"] = watch.Tls ? "tls" : "none";
            settings[section + "userName"] = string.Create(CultureInfo.InvariantCulture, $"u{mailbox}");
            settings[section + "password"] = "secret";
            settings[section + "certificateFingerprint"] = watch.Fingerprint;
            // In the benchmark's own network namespace the stub is not the loopback.
            settings[section + "allowPlainText"] = watch.Tls ? null : "true";
        }

        using var host = new HostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(settings))
            .ConfigureWebJobs(webJobs => webJobs.AddImapIdle())
            .ConfigureServices(services => services.AddSingleton(watch).AddSingleton<ITypeLocator, Functions>())
            .ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace))
            .Build();
        await host.StartAsync();
        await watch.TellAsync();
        await host.StopAsync();
    }

    private sealed class Functions : ITypeLocator
    {
        public IReadOnlyList<Type> GetTypes() => [typeof(OnMailFunction)];
    }

    private sealed class OnMailFunction(Watch watch)
    {
        public void OnMail([ImapIdleTrigger(Connection = "Mail")] ImapEvent mail) =>
            watch.Handle(int.Parse(mail.Account.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture), mail.Uid);
    }
}
