using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A host in a process of its own, which can be killed.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Signal _said = new();
    private readonly ConcurrentQueue<Line> _lines = new();

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The calls of the function that the process told of, in order.</summary>
    public IReadOnlyList<Call> Calls => _lines.Where(line => line.Text.StartsWith("GOT ", StringComparison.Ordinal)).Select(Call.Parse).ToArray();

    /// <summary>What the process said, and when we heard it.</summary>
    public IReadOnlyList<Line> Lines => _lines.ToArray();

    public bool HasExited => _process.HasExited;

    public static HostProcess Start(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Built("tests/ImapTrigger.TestHost", "ImapTrigger.TestHost")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new HostProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a log line by its event id.</summary>
    public Task WaitForLogAsync(int eventId) => WaitForAsync(() => _lines.Any(line => line.EventId == eventId), $"log line {eventId}");

    public Task WaitForAsync(Func<bool> condition, string what) => _said.WaitForAsync(condition, () => $"{what}; there was:\n{string.Join('\n', _lines)}");

    public Task WaitForExitAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    /// <summary>SIGKILL: no handler runs, nothing is written any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends a signal by its name, such as TERM, STOP or CONT.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Add(string? text)
    {
        if (text is null)
            return;
        var id = LogLine().Match(text) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        _lines.Enqueue(new Line(text, id, Stopwatch.GetTimestamp()));
        _said.Raise();
    }

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
