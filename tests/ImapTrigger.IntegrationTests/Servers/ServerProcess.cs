using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>
/// A server that ends when it is disposed, and also when the test process dies, however it dies: a shell beside it waits for the end of
/// our pipe, in a session of its own, so that who ends our process group does not end the shell first. (PR_SET_PDEATHSIG would not do: it
/// speaks of the thread that started the server, and pool threads come and go.)
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

    /// <summary>All that it has said until now.</summary>
    public IReadOnlyList<string> Said => [.. _said];

    public static ServerProcess Start(string program, params string[] arguments) =>
        new(Process.Start(new ProcessStartInfo("/usr/bin/setsid", ["/bin/sh", "-c", Guard, "guard", program, .. arguments])
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

    /// <summary>Waits for an IMAP server's first line; where there is none before TLS, for somebody to listen.</summary>
    public Task WaitUntilGreetsAsync(int port, bool tls = false) => WaitUntilReadyAsync(async cancellationToken =>
    {
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            using var reader = new StreamReader(tcp.GetStream());
            return tls || (await reader.ReadLineAsync(cancellationToken))?.StartsWith("* OK", StringComparison.Ordinal) == true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
