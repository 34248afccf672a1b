using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Azure.WebJobs.Logging;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>
/// Our metrics for Application Insights, once a minute. A Functions host exports no meter of an extension, only its own; what it does take is
/// LogMetric by a logger of a user's function. Where Application Insights does not listen, nothing is done; and nothing when no listener runs any more: a Functions
/// host that restarts in its process does not always dispose what it leaves behind.
/// </summary>
internal sealed class ApplicationInsightsMetrics(IEnumerable<ILoggerProvider> providers, ILoggerFactory loggers, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly object _gate = new();
    private Sending? _sending;
    private int _users;

    /// <summary>From here on they are sent, until all who have begun have ended.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
        {
            if (_users++ == 0 && IsThere)
                _sending = new Sending(new CarefulLogger(loggers.CreateLogger(LogCategories.CreateFunctionUserCategory(Metrics.MeterName))), time);
        }

        return new Use(this);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _sending?.Dispose();
            _sending = null;
        }
    }

    private bool IsThere => providers.Any(provider => provider.GetType().GetCustomAttribute<ProviderAliasAttribute>()?.Alias == "ApplicationInsights");

    private void End()
    {
        lock (_gate)
        {
            if (--_users > 0)
                return;
            _sending?.Dispose();
            _sending = null;
        }
    }

    private sealed class Use(ApplicationInsightsMetrics metrics) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                metrics.End();
        }
    }

    /// <summary>What is measured, and sent once a minute.</summary>
    private sealed class Sending : IDisposable
    {
        private readonly ConcurrentDictionary<(Instrument Instrument, string Tags), Series> _series = new();
        private readonly MeterListener _listener = new();
        private readonly ILogger _logger;
        private readonly ITimer _timer;

        public Sending(ILogger logger, TimeProvider time)
        {
            _logger = logger;
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
            _timer.Dispose();
            Send();
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
                    _logger.LogMetric(instrument.Name, minute.Sum, minute.Properties(series.Tags));
            }
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
