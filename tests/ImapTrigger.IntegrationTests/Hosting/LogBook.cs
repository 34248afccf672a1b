using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Keeps every log line, at every level, and lets a test wait for one.</summary>
internal sealed class LogBook : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly ConcurrentDictionary<int, int> _counts = new();
    private readonly Signal _added = new();

    public IReadOnlyCollection<Entry> Entries => _entries;

    public bool Has(int eventId) => _counts.ContainsKey(eventId);

    public Task WaitForAsync(int eventId, int times = 1, TimeSpan? limit = null) =>
        _added.WaitForAsync(() => _counts.GetValueOrDefault(eventId) >= times, () => $"a log line {eventId}", limit);

    /// <summary>For the output of a test that fails.</summary>
    public void Show(ITestOutputHelper? output)
    {
        foreach (var entry in _entries.Where(entry => entry.Category.StartsWith("Host.", StringComparison.Ordinal) || entry.Level > LogLevel.Debug))
            output?.WriteLine(entry.ToString());
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    internal sealed record Entry(string Category, LogLevel Level, int EventId, string Text);

    private sealed class Logger(LogBook book, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            book._entries.Enqueue(new Entry(category, logLevel, eventId.Id, $"{formatter(state, exception)} {exception}"));
            book._counts.AddOrUpdate(eventId.Id, 1, static (_, count) => count + 1);
            book._added.Raise();
        }
    }
}
