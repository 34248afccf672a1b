using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Azure.WebJobs.Logging;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>
/// Our metrics for Application Insights, once a minute. A Functions host exports no meter of an extension, only its own; what it does take is
/// LogMetric by a logger of a user's function. Where Application Insights does not listen, nothing is done.
/// </summary>
internal sealed class ApplicationInsightsMetrics(IEnumerable<ILoggerProvider> providers, ILoggerFactory loggers, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(Instrument Instrument, string Tags), Series> _series = new();
    private readonly MeterListener _listener = new();
    private ILogger? _logger;
    private ITimer? _timer;

    public void Start()
    {
        if (!providers.Any(provider => provider.GetType().GetCustomAttribute<ProviderAliasAttribute>()?.Alias == "ApplicationInsights"))
            return;
        _logger = loggers.CreateLogger(LogCategories.CreateFunctionUserCategory(Metrics.MeterName));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // A Functions host that restarts loads us anew, beside what is left of before: a meter of the same name.
            if (ReferenceEquals(instrument.Meter, Metrics.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.Start();
        _timer = time.CreateTimer(_ => Send(), null, Interval, Interval);
    }

    public void Dispose()
    {
        if (_timer is not null)
        {
            _timer.Dispose();
            Send();
        }

        _listener.Dispose();
    }

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var named = tags.ToArray();
        var series = _series.GetOrAdd((instrument, string.Join('\n', named)), _ => new Series(named));
        series.Add(value);
    }

    private void Send()
    {
        _listener.RecordObservableInstruments();
        foreach (var ((instrument, _), series) in _series)
        {
            if (series.Take() is { } minute)
                _logger!.LogMetric(instrument.Name, minute.Sum, minute.Properties(series.Tags));
        }
    }

    /// <summary>One instrument with one set of tags.</summary>
    private sealed class Series(IReadOnlyList<KeyValuePair<string, object?>> tags)
    {
        private readonly object _gate = new();
        private Minute? _minute;

        public IReadOnlyList<KeyValuePair<string, object?>> Tags { get; } = tags;

        public void Add(double value)
        {
            lock (_gate)
                _minute = _minute is { } minute ? minute.With(value) : new Minute(value, 1, value, value);
        }

        /// <summary>What was measured since the last time; null for nothing.</summary>
        public Minute? Take()
        {
            lock (_gate)
            {
                var taken = _minute;
                _minute = null;
                return taken;
            }
        }
    }

    /// <summary>As Application Insights aggregates: of what is counted the sum says all, of a level there is one value.</summary>
    private readonly record struct Minute(double Sum, int Count, double Min, double Max)
    {
        public Minute With(double value) => new(Sum + value, Count + 1, Math.Min(Min, value), Math.Max(Max, value));

        public Dictionary<string, object?> Properties(IEnumerable<KeyValuePair<string, object?>> tags) =>
            new(tags) { ["count"] = Count, ["min"] = Min, ["max"] = Max };
    }
}
