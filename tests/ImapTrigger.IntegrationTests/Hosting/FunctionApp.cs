using ImapTrigger.Hosting;
using ImapTrigger.Supervision;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Host;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A WebJobs host with one class of functions, as a user would set it up; only the settings come from the test.</summary>
internal sealed class FunctionApp : IAsyncDisposable
{
    private readonly IHost _host;

    private FunctionApp(IHost host, LogBook logs)
    {
        _host = host;
        Logs = logs;
    }

    public LogBook Logs { get; }

    /// <param name="functions">The class that holds the functions; it may take the inbox in its constructor.</param>
    /// <param name="inbox">Where the functions put what they get.</param>
    /// <param name="settings">App settings; of two for one key the later counts.</param>
    /// <param name="configure">Changes the trigger's options.</param>
    /// <param name="retry">The pauses between attempts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="hostPatience">How long the host waits at a stop.</param>
    /// <param name="services">What else the host has.</param>
    /// <param name="configuration">App settings that may change.</param>
    public static async Task<FunctionApp> StartAsync(
        Type functions,
        object inbox,
        IEnumerable<KeyValuePair<string, string?>> settings,
        Action<ImapIdleOptions>? configure = null,
        Backoff? retry = null,
        TimeProvider? time = null,
        TimeSpan? hostPatience = null,
        Action<IServiceCollection>? services = null,
        IConfigurationSource? configuration = null)
    {
        var logs = new LogBook();
        var host = new HostBuilder()
            .ConfigureAppConfiguration(all =>
            {
                all.AddInMemoryCollection(settings.GroupBy(setting => setting.Key).Select(same => same.Last()));
                if (configuration is not null)
                    all.Add(configuration);
            })
            .ConfigureWebJobs(webJobs => webJobs.AddImapIdle(configure))
            .ConfigureServices(all =>
            {
                all.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
                all.AddSingleton<ITypeLocator>(new OneType(functions)).AddSingleton(inbox.GetType(), inbox);
                services?.Invoke(all);
                if (time is not null)
                    all.AddSingleton(time);
                if (hostPatience is { } patience)
                    all.Configure<HostOptions>(options => options.ShutdownTimeout = patience);
                // The pauses are no option for users; tests have no time for them.
                if (retry is not null)
                    all.AddSingleton(provider => ImapIdleWebJobsBuilderExtensions.SettingsOf(provider.GetRequiredService<IOptions<ImapIdleOptions>>().Value) is var settings
                        ? settings with { Delivery = settings.Delivery with { Retry = retry } }
                        : settings);
            })
            .ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs))
            .Build();
        try
        {
            await host.StartAsync();
            return new FunctionApp(host, logs);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the mailbox is watched: mail that comes from here on is delivered, even at the very first start.</summary>
    public async Task<FunctionApp> WatchingAsync()
    {
        await Logs.WaitForAsync(300);
        return this;
    }

    /// <summary>Runs a function by hand, as the portal does.</summary>
    public Task CallAsync(string function, object mail) => _host.Services.GetRequiredService<IJobHost>().CallAsync(function, new Dictionary<string, object> { ["mail"] = mail });

    /// <summary>Stops the listeners and lets calls finish, as a Functions host does before it is replaced.</summary>
    public Task DrainAsync() => _host.Services.GetRequiredService<IDrainModeManager>().EnableDrainModeAsync(CancellationToken.None);

    /// <summary>Ends with the host's patience, however it says so.</summary>
    public async Task StopAsync()
    {
        try
        {
            await _host.StopAsync();
        }
        catch (OperationCanceledException)
        {
            // What is still running goes on without the host.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Logs.Show(TestContext.Current.TestOutputHelper);
    }

    private sealed class OneType(Type type) : ITypeLocator
    {
        public IReadOnlyList<Type> GetTypes() => [type];
    }
}
