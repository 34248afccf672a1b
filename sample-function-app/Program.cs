using Microsoft.Azure.WebJobs.Extensions.Timers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SampleFunctionApp;

// With no mailbox in the app settings, a demo mailbox in this process.
await using var demo = DemoMailbox.StartIfNeeded(new ConfigurationBuilder().AddAppSettings().Build());

var host = new HostBuilder()
    .ConfigureAppConfiguration(configuration => configuration.AddAppSettings().AddInMemoryCollection(demo?.Settings))
    .ConfigureLogging((context, logging) => logging
        .AddConfiguration(context.Configuration.GetSection("AzureWebJobs:logging"))
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        }))
    .ConfigureWebJobs(webJobs => webJobs.AddImapIdle().AddTimers())
    .ConfigureServices((context, services) =>
    {
        services.AddSingleton<Tally>();
        // To a collector, where OpenTelemetry's own setting names one: OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317
        if (context.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not null)
            services.AddOpenTelemetry()
                .WithMetrics(metrics => metrics.AddMeter("ImapTrigger").AddOtlpExporter()
                    // In seconds; OpenTelemetry's default buckets are made for milliseconds.
                    .AddView("messaging.process.duration", new ExplicitBucketHistogramConfiguration { Boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] })
                    .AddView("imap_trigger.delivery.lag", new ExplicitBucketHistogramConfiguration { Boundaries = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600] }))
                .WithTracing(traces => traces.AddSource("ImapTrigger").AddOtlpExporter());
        // Timers keep their schedule on the disk, so they need no storage account.
        services.AddSingleton<ScheduleMonitor, FileSystemScheduleMonitor>();
        if (demo is not null)
            services.AddSingleton(demo.Sender);
    })
    .UseConsoleLifetime(console => console.SuppressStatusMessages = true)
    .Build();

using (host)
{
    Console.WriteLine(demo is null
        ? "Watching the mailbox of your settings. Ctrl+C ends."
        : "No mailbox in the settings, so a demo mailbox gets a message every few seconds. Set Imap__host, Imap__userName and Imap__password for yours. Ctrl+C ends.");
    try
    {
        await host.RunAsync();
    }
    catch (Exception e) when (e.GetBaseException() is InvalidOperationException wrong)
    {
        // A mistake in the settings: what is wrong is worth more than where it was noticed.
        Console.Error.WriteLine(wrong.Message);
        return 1;
    }
}

return 0;
