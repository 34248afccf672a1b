using System.Globalization;
using ImapTrigger;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

// A host that a test can kill: settings come from the environment, each call of the function is a line of output.
using var host = new HostBuilder()
    .ConfigureLogging((context, logging) => logging.AddConfiguration(context.Configuration.GetSection("Logging")).AddSimpleConsole(console => console.SingleLine = true))
    .ConfigureWebJobs(webJobs => webJobs.AddImapIdle())
    .ConfigureServices((context, services) =>
    {
        if (context.Configuration["VERDICTS"] is null)
            services.AddSingleton<ITypeLocator, Functions>();
        else
            services.AddSingleton<ITypeLocator, Deciding>();
        if (context.Configuration["PROMETHEUS_PORT"] is { } port)
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("ImapTrigger")
                .AddView("messaging.process.duration", new ExplicitBucketHistogramConfiguration { Boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] })
                .AddView("imap_trigger.delivery.lag", new ExplicitBucketHistogramConfiguration { Boundaries = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600] })
                .AddPrometheusHttpListener(listener => (listener.Host, listener.Port) = ("127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture))));
    })
    .UseConsoleLifetime()
    .Build();
await host.StartAsync();

// SIGTERM ends it properly; the end of the test, which closes the pipe, does so too.
await Task.WhenAny(Task.Run(Console.In.ReadToEnd), host.WaitForShutdownAsync());
await host.StopAsync();

internal sealed class Functions : ITypeLocator
{
    public IReadOnlyList<Type> GetTypes() => [typeof(Functions)];

    /// <summary>Says when it began, and takes a little while, as functions do.</summary>
    [FunctionName("killed")]
    public static async Task OnMail([ImapIdleTrigger] ImapEvent mail)
    {
        Console.WriteLine($"GOT {mail.Uid} {mail.Attempt} {Environment.TickCount64} {mail.Subject}");
        if (mail.Subject == "FailFast")
            Environment.FailFast("As a function may that recurses without end.");
        if (mail.Subject == "Fail" || (mail.Subject == "FailOnce" && mail.Attempt == 1))
            throw new TimeoutException("The order system does not answer.");
        await Task.Delay(10);
    }
}

internal sealed class Deciding : ITypeLocator
{
    public IReadOnlyList<Type> GetTypes() => [typeof(Deciding)];

    /// <summary>Does with a message what its subject says.</summary>
    [FunctionName("killed")]
    public static string? OnMail([ImapIdleTrigger(Verdicts = true)] ImapEvent mail)
    {
        Console.WriteLine($"GOT {mail.Uid} {mail.Attempt} {Environment.TickCount64} {mail.Subject}");
        return mail.Subject;
    }
}
