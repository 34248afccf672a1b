using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Diagnostics;

/// <summary>What Application Insights' logger in a Functions host takes as a metric: event 1 of the logger of a user's function, with these names.</summary>
public sealed class ApplicationInsightsMetricsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    // A meter is the process's: only what bears this name is ours.
    private readonly string _function = $"f-{Guid.NewGuid():N}";

    [Fact]
    public void Once_a_minute_it_gets_what_was_measured_in_that_minute()
    {
        using var listening = new ListeningProvider();
        using var metrics = Start(listening);
        Metrics.Poisoned.Add(1, Metrics.Function(_function));
        Metrics.Poisoned.Add(2, Metrics.Function(_function));
        Metrics.Lag.Record(0.5, Metrics.Function(_function));
        Metrics.Lag.Record(3.5, Metrics.Function(_function));
        Assert.Empty(OfFunction(listening));
        _time.Advance(Minute);
        var sent = OfFunction(listening).ToDictionary(entry => (string)entry["Name"]!);
        Assert.Equal(3.0, sent["imap_trigger.poisoned"]["Value"]);
        var lag = sent["imap_trigger.delivery.lag"];
        Assert.Equal((4.0, 2, 0.5, 3.5), (lag["Value"], lag["count"], lag["min"], lag["max"]));

        listening.Metrics.Clear();
        _time.Advance(Minute);
        Assert.Empty(OfFunction(listening));
    }

    [Fact]
    public void A_level_is_there_every_minute_also_when_it_began_before()
    {
        Metrics.Partitions.Add(_function, 2);
        using var listening = new ListeningProvider();
        using var metrics = Start(listening);
        _time.Advance(Minute);
        _time.Advance(Minute);
        Assert.Equal([2.0, 2.0], OfFunction(listening).Select(entry => entry["Value"]));
        Metrics.Partitions.Add(_function, -2);
    }

    [Fact]
    public void What_was_measured_since_the_last_minute_is_sent_at_the_end()
    {
        using var listening = new ListeningProvider();
        using (Start(listening))
            Metrics.Poisoned.Add(1, Metrics.Function(_function));
        Assert.Equal(1.0, Assert.Single(OfFunction(listening))["Value"]);
    }

    [Fact]
    public void When_no_listener_runs_any_more_nothing_is_sent_and_when_one_does_again_it_is()
    {
        using var listening = new ListeningProvider();
        using var metrics = New(listening);
        Metrics.Partitions.Add(_function, 0);
        var first = metrics.Begin();
        var second = metrics.Begin();
        first.Dispose();
        first.Dispose();
        _time.Advance(Minute);
        Assert.Single(OfFunction(listening));
        second.Dispose();
        listening.Metrics.Clear();
        _time.Advance(Minute);
        Assert.Empty(listening.Metrics);
        using var third = metrics.Begin();
        _time.Advance(Minute);
        Assert.Single(OfFunction(listening));
    }

    [Fact]
    public void A_logger_that_throws_does_not_end_the_process()
    {
        using var listening = new ListeningProvider { Throws = true };
        using var metrics = Start(listening);
        Metrics.Poisoned.Add(1, Metrics.Function(_function));
        _time.Advance(Minute);
        listening.Throws = false;
        Metrics.Poisoned.Add(2, Metrics.Function(_function));
        _time.Advance(Minute);
        Assert.Equal(2.0, Assert.Single(OfFunction(listening))["Value"]);
    }

    [Fact]
    public void What_is_left_of_us_in_a_host_that_has_restarted_does_not_count()
    {
        using var listening = new ListeningProvider();
        using var metrics = Start(listening);
        using var before = new Meter(Metrics.MeterName);
        before.CreateCounter<long>("imap_trigger.poisoned").Add(1, Metrics.Function(_function));
        _time.Advance(Minute);
        Assert.Empty(OfFunction(listening));
    }

    [Fact]
    public void Without_Application_Insights_nothing_is_logged()
    {
        using var other = new OtherProvider();
        using var metrics = Start(other);
        Metrics.Poisoned.Add(1, Metrics.Function(_function));
        _time.Advance(Minute);
        Assert.Empty(other.Metrics);
    }

    private IDisposable Start(ILoggerProvider provider) => New(provider).Begin();

    private ApplicationInsightsMetrics New(ILoggerProvider provider) => new([provider], LoggerFactory.Create(logging => logging.AddProvider(provider)), _time);

    private IEnumerable<IReadOnlyDictionary<string, object?>> OfFunction(Provider provider) => provider.Metrics.Where(entry => _function.Equals(entry.GetValueOrDefault("faas.name")));

    [ProviderAlias("ApplicationInsights")]
    private sealed class ListeningProvider : Provider;

    private sealed class OtherProvider : Provider;

    private abstract class Provider : ILoggerProvider
    {
        public ConcurrentQueue<IReadOnlyDictionary<string, object?>> Metrics { get; } = new();

        public bool Throws { get; set; }

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose()
        {
        }
    }

    private sealed class Logger(Provider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (provider.Throws)
                throw new InvalidOperationException("The logger is broken.");
            if (eventId.Id == 1 && category == "Function.ImapTrigger.User" && state is IEnumerable<KeyValuePair<string, object?>> values)
                provider.Metrics.Enqueue(values.ToDictionary());
        }
    }
}
