using System.Diagnostics;

namespace ImapTrigger.Benchmarks.Measures;

/// <summary>Start-up until the server has every mailbox in IDLE, and what they cost from then on.</summary>
internal static class Idle
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private static readonly Figure[] Figures =
        [new("start-up s", 1.1), new("private MB", 1.1, Digits: 0), new("CPU s per minute"), new("threads", Digits: 0), new("CPU s of the start-up")];

    public static Measure Tls { get; } = new("idle-tls", "1,000 mailboxes by TLS: start-up, then idle", Figures, bench => RunAsync(bench, tls: true, 1_000));

    public static Measure Plain { get; } = new("idle", "10,000 mailboxes, plain: start-up, then idle", Figures, bench => RunAsync(bench, tls: false, 10_000));

    private static async Task RunAsync(Bench bench, bool tls, int mailboxes)
    {
        foreach (var name in bench.Contenders)
        {
            var began = Stopwatch.GetTimestamp();
            await using var contender = await bench.StartAsync(name, tls, mailboxes);
            bench.Saw(name, "start-up s", Stopwatch.GetElapsedTime(began).TotalSeconds);
            bench.Saw(name, "CPU s of the start-up", contender.Cpu.TotalSeconds);
            await Task.Delay(TimeSpan.FromSeconds(5));
            var cpu = contender.Cpu;
            await Task.Delay(Window);
            bench.Saw(name, "CPU s per minute", (contender.Cpu - cpu) / Window * 60);
            bench.Saw(name, "private MB", contender.PrivateMemory);
            bench.Saw(name, "threads", contender.Threads);
        }
    }
}
