using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A host in a process of its own, which can be killed.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Signal _said = new();
    private readonly ConcurrentQueue<string> _lines = new();

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The calls of the function that the process told of, in order.</summary>
    public IReadOnlyList<Call> Calls => _lines.Where(line => line.StartsWith("GOT ", StringComparison.Ordinal)).Select(Call.Parse).ToArray();

    public static HostProcess Start(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Built("tests/ImapTrigger.TestHost", "ImapTrigger.TestHost")]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new HostProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a log line by its event id.</summary>
    public Task WaitForLogAsync(int eventId) =>
        WaitForAsync(() => _lines.Any(line => line.Contains($"Host.Triggers.ImapIdle[{eventId}]", StringComparison.Ordinal)), $"log line {eventId}");

    public Task WaitForAsync(Func<bool> condition, string what) => _said.WaitForAsync(condition, () => $"{what}; there was:\n{string.Join('\n', _lines)}");

    public Task WaitForExitAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    /// <summary>SIGKILL: no handler runs, nothing is written any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        _said.Raise();
    }

    internal sealed record Call(uint Uid, int Attempt, TimeSpan Began)
    {
        public static Call Parse(string line)
        {
            var words = line.Split(' ');
            return new Call(
                uint.Parse(words[1], CultureInfo.InvariantCulture),
                int.Parse(words[2], CultureInfo.InvariantCulture),
                TimeSpan.FromMilliseconds(long.Parse(words[3], CultureInfo.InvariantCulture)));
        }
    }
}
