using System.Collections.Concurrent;
using System.Globalization;
using System.Diagnostics;
using System.Text;

namespace ImapTrigger.Benchmarks.Peers;

/// <summary>
/// What a contender is asked to do, by its environment, and how it tells what it did: a line "mailbox uid ticks" for each call of the user's code,
/// the time taken in it and written a little later, so that the output costs nothing. It ends when its input does.
/// </summary>
internal sealed class Watch
{
    private readonly ConcurrentQueue<(int Mailbox, uint Uid, long At)> _handled = new();

    public string Host { get; } = Setting("BENCH_HOST");

    public int Port { get; } = Number("BENCH_PORT");

    public string? Fingerprint { get; } = Environment.GetEnvironmentVariable("BENCH_FINGERPRINT");

    public bool Tls => Fingerprint is not null;

    public int First { get; } = Number("BENCH_FIRST");

    public int Count { get; } = Number("BENCH_COUNT");

    /// <summary>A folder of its own for what is remembered from run to run.</summary>
    public string State { get; } = Setting("BENCH_STATE");

    /// <summary>Messages up to this one are known; null: what is there at the start.</summary>
    public uint? Known { get; } = Environment.GetEnvironmentVariable("BENCH_KNOWN") is { } known ? uint.Parse(known, CultureInfo.InvariantCulture) : null;

    public IEnumerable<int> Mailboxes => Enumerable.Range(First, Count);

    public void Handle(int mailbox, uint uid) => _handled.Enqueue((mailbox, uid, Stopwatch.GetTimestamp()));

    /// <summary>Runs a loop for each mailbox, 16 logins at a time, until the input ends.</summary>
    public async Task RunAsync(Func<int, Action, CancellationToken, Task> loop)
    {
        using var stopping = new CancellationTokenSource();
        using var logins = new SemaphoreSlim(16);
        var running = Mailboxes.Select(async mailbox =>
        {
            await logins.WaitAsync(stopping.Token);
            var isIn = 0;
            void LoggedIn()
            {
                if (Interlocked.Exchange(ref isIn, 1) == 0)
                    logins.Release();
            }

            await Task.Run(() => loop(mailbox, LoggedIn, stopping.Token), stopping.Token);
        }).ToArray();
        var failed = Task.WhenAny(running).ContinueWith(async task => await await task, TaskScheduler.Default).Unwrap();
        var told = TellAsync();
        await await Task.WhenAny(told, failed);
        await stopping.CancelAsync();
    }

    /// <summary>Writes what was handled, every 20 ms, until the input ends.</summary>
    public async Task TellAsync()
    {
        var ended = Task.Run(() => Console.In.ReadToEnd());
        await using var output = Console.OpenStandardOutput();
        var lines = new StringBuilder();
        while (!ended.IsCompleted)
        {
            await Task.WhenAny(ended, Task.Delay(20));
            while (_handled.TryDequeue(out var handled))
                lines.Append(handled.Mailbox).Append(' ').Append(handled.Uid).Append(' ').Append(handled.At).Append('\n');
            if (lines.Length == 0)
                continue;
            await output.WriteAsync(Encoding.ASCII.GetBytes(lines.ToString()));
            await output.FlushAsync();
            lines.Clear();
        }
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set; contenders are started by run.sh.");

    private static int Number(string name) => int.Parse(Setting(name), CultureInfo.InvariantCulture);
}
