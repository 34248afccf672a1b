using System.Collections.Concurrent;
using System.Diagnostics;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>
/// A server that ends when it is disposed, and also when the test process dies, however it dies: a shell beside it waits for the end of
/// our pipe. (PR_SET_PDEATHSIG would not do: it speaks of the thread that started the server, and pool threads come and go.)
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Guard = """
        exec 3<&0
        "$@" </dev/null 3<&- &
        server=$!
        { read _ <&3; kill -TERM $server; } 2>/dev/null &
        wait $server
        """;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static ServerProcess Start(string program, params string[] arguments) =>
        new(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Guard, "guard", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Tries until it answers; fails with what the server said when it ends before.</summary>
    public async Task WaitUntilReadyAsync(Func<CancellationToken, Task<bool>> answers)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await answers(limit.Token))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The server ended: {string.Join('\n', _said)}");
            await Task.Delay(50, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
