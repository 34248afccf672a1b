using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.UnitTests;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<Line> _lines = new();

    public IReadOnlyCollection<Line> All => _lines;

    /// <summary>Which lines it throws at instead of keeping them; none by default.</summary>
    public Func<int, bool> Fails { get; set; } = _ => false;

    public int CountOf(int eventId) => _lines.Count(line => line.EventId == eventId);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Fails(eventId.Id))
            throw new IOException("The disk of the logs is full.");
        _lines.Enqueue(new Line(logLevel, eventId.Id, formatter(state, exception)));
    }

    internal sealed record Line(LogLevel Level, int EventId, string Text);
}
