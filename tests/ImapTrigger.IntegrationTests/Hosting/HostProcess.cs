using System.Diagnostics;
using System.Globalization;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A host in a process of its own, which can be killed.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Signal _said = new();

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has said.</summary>
    public HostOutput Output { get; } = new();

    /// <summary>The calls of the function that the process told of, in order.</summary>
    public IReadOnlyList<HostOutput.Call> Calls => Output.Calls;

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
    public Task WaitForLogAsync(int eventId) => WaitForAsync(() => Output.Lines.Any(line => line.EventId == eventId), $"log line {eventId}");

    public Task WaitForAsync(Func<bool> condition, string what) => _said.WaitForAsync(condition, () => $"{what}; there was:\n{string.Join('\n', Output.Lines)}");

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
        Output.Add(text);
        _said.Raise();
    }
}
