using System.Diagnostics;

namespace ImapTrigger.Benchmarks.Measures;

/// <summary>Many messages in one mailbox: all at once while it is watched, or while nobody did.</summary>
internal static class Burst
{
    private const string PerSecond = "messages/s";

    public static Measure Live { get; } = new("burst", "10,000 messages at once in a watched mailbox", [new(PerSecond, 1.0, MoreIsBetter: true, Digits: 0), new("CPU us per message", Digits: 0), new("peak MB", Digits: 0)], LiveAsync);

    public static Measure Backlog { get; } = BacklogOf("backlog", 100_000);

    public static Measure Million { get; } = BacklogOf("million", 1_000_000);

    private static async Task LiveAsync(Bench bench)
    {
        const int messages = 10_000;
        foreach (var name in bench.Contenders)
        {
            await using var contender = await bench.StartAsync(name);
            var mailbox = bench.Stub[contender.Mailboxes[0]];
            // Compiled code, here too.
            mailbox.Append(5_000);
            await contender.HandledAsync(5_000, TimeSpan.FromMinutes(2));
            await contender.WatchingAsync();
            await Task.Delay(1000);
            var cpu = contender.Cpu;
            var began = mailbox.Append(messages);
            var ended = await contender.HandledAsync(5_000 + messages, TimeSpan.FromMinutes(2));
            bench.Saw(name, PerSecond, messages / Stopwatch.GetElapsedTime(began, ended).TotalSeconds);
            bench.Saw(name, "CPU us per message", (contender.Cpu - cpu).TotalMicroseconds / messages);
            bench.Saw(name, "peak MB", contender.PeakMemory);
        }
    }

    private static Measure BacklogOf(string name, int messages) => new(name, $"{messages:N0} messages that came while nobody watched, from the start of the process", [new(PerSecond, 1.0, MoreIsBetter: true, Digits: 0), new("peak MB", Digits: 0), new("twice", Digits: 0)], async bench =>
    {
        foreach (var contender in bench.Contenders)
        {
            var (first, state) = (bench.NewMailboxes(1), bench.NewState());
            // Once, so that those who remember have something to go on from.
            await using (var before = Contender.Start(contender, bench.Stub, tls: false, first, 1, state))
            {
                await before.WatchingAsync();
                bench.Stub[first].Append();
                await before.HandledAsync(1, TimeSpan.FromMinutes(1));
            }

            bench.Stub[first].Append(messages);
            // From the start: a loop that fetches all of it at once calls nobody before it has the last.
            var began = Stopwatch.GetTimestamp();
            await using var after = Contender.Start(contender, bench.Stub, tls: false, first, 1, state, known: 1);
            var ended = await after.HandledAsync(messages, TimeSpan.FromMinutes(10));
            bench.Saw(contender, PerSecond, messages / Stopwatch.GetElapsedTime(began, ended).TotalSeconds);
            bench.Saw(contender, "peak MB", after.PeakMemory);
            bench.Saw(contender, "twice", after.Duplicates);
        }
    });
}
