using System.Globalization;
using ImapTrigger.Benchmarks.Stub;

namespace ImapTrigger.Benchmarks;

/// <summary>One run of one measure: the stub, who takes part, and what was seen.</summary>
internal sealed class Bench(StubServer stub, IReadOnlyList<string> contenders) : IDisposable
{
    private readonly DirectoryInfo _states = Directory.CreateTempSubdirectory("imaptrigger-bench-");
    private int _mailboxes;

    /// <summary>The folder benchmarks/.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("BENCHMARKS") ?? throw new InvalidOperationException("Benchmarks are started by run.sh.");

    /// <summary>Another name than localhost for the stub, where the packets take a way round (run.sh distance).</summary>
    public static string? HostName { get; } = Environment.GetEnvironmentVariable("BENCH_REMOTE");

    public StubServer Stub => stub;

    public IReadOnlyList<string> Contenders => contenders;

    /// <summary>Every value, in the order in which it was seen.</summary>
    public List<(string Contender, string Figure, double Value)> Values { get; } = [];

    public static double Load => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    public void Saw(string contender, string figure, double value) => Values.Add((contender, figure, value));

    public string NewState() => _states.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;

    /// <summary>The first of so many mailboxes that nobody has used.</summary>
    public int NewMailboxes(int count) => Interlocked.Add(ref _mailboxes, count) - count + 1;

    public async Task<Contender> StartAsync(string name, bool tls = false, int mailboxes = 1)
    {
        var contender = Contender.Start(name, stub, tls, NewMailboxes(mailboxes), mailboxes, NewState());
        await contender.WatchingAsync();
        return contender;
    }

    public void Dispose() => _states.Delete(recursive: true);
}
