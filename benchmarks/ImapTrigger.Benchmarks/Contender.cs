using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ImapTrigger.Benchmarks.Stub;

namespace ImapTrigger.Benchmarks;

/// <summary>One who watches, in a process of its own, so that its CPU and memory are its own. What it says is in Peers/Watch.cs.</summary>
internal sealed class Contender : IAsyncDisposable
{
    /// <summary>How each is started. The first is what the others are measured by.</summary>
    public static readonly IReadOnlyList<string> Names = ["mailkit", "trigger", "imapflow", "raw"];

    private readonly ConcurrentDictionary<(int Mailbox, uint Uid), long> _handled = new();
    private readonly Process _process;
    private readonly Task _reading;
    private readonly StubServer _stub;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Contender(string name, StubServer stub, IEnumerable<int> mailboxes, Process process)
    {
        Name = name;
        _stub = stub;
        Mailboxes = [.. mailboxes];
        _process = process;
        _reading = ReadAsync();
    }

    public string Name { get; }

    public IReadOnlyList<int> Mailboxes { get; }

    /// <summary>How many times the user's code was called.</summary>
    public int Handled { get; private set; }

    public int Duplicates { get; private set; }

    public TimeSpan Cpu => File.Exists($"/proc/{_process.Id}/stat") ? _process.TotalProcessorTime : TimeSpan.Zero;

    /// <summary>In MB: what is its own and nobody else's.</summary>
    public double PrivateMemory => Sum($"/proc/{_process.Id}/smaps_rollup", "Private_");

    /// <summary>In MB.</summary>
    public double PeakMemory => Sum($"/proc/{_process.Id}/status", "VmHWM");

    public int Threads => _process.Threads.Count;

    /// <summary>Starts it: what it remembers is kept in the folder "state"; messages up to "known" were seen before, null begins with what comes.</summary>
    public static Contender Start(string name, StubServer stub, bool tls, int first, int count, string state, uint? known = null)
    {
        var self = Environment.ProcessPath!;
        var start = name == "imapflow"
            ? new ProcessStartInfo("node", [Path.Combine(Bench.Folder, "imapflow", "loop.mjs")])
            : new ProcessStartInfo(self, ["contender", name]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        var environment = start.Environment;
        environment["BENCH_HOST"] = Bench.HostName ?? "localhost";
        environment["BENCH_PORT"] = (tls ? stub.TlsPort : stub.PlainPort).ToString(CultureInfo.InvariantCulture);
        environment["BENCH_FIRST"] = first.ToString(CultureInfo.InvariantCulture);
        environment["BENCH_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
        environment["BENCH_STATE"] = state;
        if (tls)
            environment["BENCH_FINGERPRINT"] = stub.Fingerprint;
        if (known is not null)
            environment["BENCH_KNOWN"] = known.Value.ToString(CultureInfo.InvariantCulture);
        return new Contender(name, stub, Enumerable.Range(first, count), Process.Start(start)!);
    }

    /// <summary>Until the server has all its mailboxes in IDLE.</summary>
    public async Task WatchingAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (_stub.Idling(Mailboxes) < Mailboxes.Count)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}, having {_stub.Idling(Mailboxes)} of {Mailboxes.Count} mailboxes in IDLE.");
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>When its code got this message, by <see cref="Stopwatch"/>; null if it did not within a time that is no more a measure.</summary>
    public async Task<long?> HandledAtAsync(int mailbox, uint uid, TimeSpan limit)
    {
        var giveUp = Task.Delay(limit);
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            if (_handled.TryGetValue((mailbox, uid), out var at))
                return at;
            if (await Task.WhenAny(more, giveUp) == giveUp)
                return null;
        }
    }

    /// <summary>Until so many were handled; returns when the last was.</summary>
    public async Task<long> HandledAsync(int count, TimeSpan limit)
    {
        var giveUp = Task.Delay(limit);
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            if (Handled >= count)
                return _handled.Values.Max();
            if (await Task.WhenAny(more, giveUp) == giveUp)
                throw new InvalidOperationException($"{Name} handled {Handled} of {count} messages within {limit}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            if (!_handled.TryAdd((int.Parse(words[0], CultureInfo.InvariantCulture), uint.Parse(words[1], CultureInfo.InvariantCulture)), long.Parse(words[2], CultureInfo.InvariantCulture)))
                Duplicates++;
            else
                Handled++;
            Interlocked.Exchange(ref _more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    private static double Sum(string file, string start) => File.ReadLines(file).Where(line => line.StartsWith(start, StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)) / 1024.0;
}
