using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What a host process has said, and when we heard it.</summary>
internal sealed partial class HostOutput
{
    private readonly ConcurrentQueue<Line> _lines = new();

    public IReadOnlyList<Line> Lines => _lines.ToArray();

    /// <summary>The calls of the function that the process told of, in order.</summary>
    public IReadOnlyList<Call> Calls => _lines.Where(line => line.Text.StartsWith("GOT ", StringComparison.Ordinal)).Select(Call.Parse).ToArray();

    public void Add(string text) => Add(text, Stopwatch.GetTimestamp());

    public void Add(string text, long at) =>
        _lines.Enqueue(new Line(text, LogLine().Match(text) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0, at));

    [GeneratedRegex(@"Host\.Triggers\.ImapIdle\[(\d+)\]")]
    private static partial Regex LogLine();

    internal sealed record Line(string Text, int EventId, long At);

    internal sealed record Call(uint Uid, int Attempt, TimeSpan Began, string Subject, long At)
    {
        public static Call Parse(Line line)
        {
            var words = line.Text.Split(' ');
            return new Call(
                uint.Parse(words[1], CultureInfo.InvariantCulture),
                int.Parse(words[2], CultureInfo.InvariantCulture),
                TimeSpan.FromMilliseconds(long.Parse(words[3], CultureInfo.InvariantCulture)),
                words[4],
                line.At);
        }
    }
}
