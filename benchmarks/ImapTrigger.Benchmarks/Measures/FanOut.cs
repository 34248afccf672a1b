using System.Diagnostics;

namespace ImapTrigger.Benchmarks.Measures;

/// <summary>Many mailboxes, messages at a steady rate, each to another one.</summary>
internal static class FanOut
{
    private const int Rate = 400;

    public static Measure Thousand { get; } = new("fanout", "1,000 mailboxes, 400 messages/s", Figures, bench => RunAsync(bench, mailboxes: 1_000, messages: 3_000));

    public static Measure TenThousand { get; } = new("ten-thousand", "10,000 mailboxes, 400 messages/s, one message each", Figures, bench => RunAsync(bench, mailboxes: 10_000, messages: 10_000));

    private static Figure[] Figures => [new("p50 ms", 1.3), new("p99 ms", 1.0), new("max ms"), new("lost", Digits: 0), new("twice", Digits: 0), new("private MB", Digits: 0)];

    private static async Task RunAsync(Bench bench, int mailboxes, int messages)
    {
        foreach (var name in bench.Contenders)
        {
            await using var contender = await bench.StartAsync(name, mailboxes: mailboxes);
            await SendAsync(bench, contender, mailboxes);
            await contender.HandledAsync(mailboxes, TimeSpan.FromMinutes(1));
            var before = contender.Handled;
            var announced = await SendAsync(bench, contender, messages);
            var latencies = new List<double>();
            var lost = 0;
            foreach (var ((mailbox, uid), at) in announced)
            {
                if (await contender.HandledAtAsync(mailbox, uid, TimeSpan.FromSeconds(lost > 0 ? 1 : 20)) is { } handled)
                    latencies.Add(Stopwatch.GetElapsedTime(at, handled).TotalMilliseconds);
                else
                    lost++;
            }

            var sorted = latencies.Order().ToArray();
            bench.Saw(name, "p50 ms", sorted.At(0.5));
            bench.Saw(name, "p99 ms", sorted.At(0.99));
            bench.Saw(name, "max ms", sorted[^1]);
            bench.Saw(name, "lost", lost);
            bench.Saw(name, "twice", contender.Duplicates);
            bench.Saw(name, "private MB", contender.PrivateMemory);
        }
    }

    private static async Task<Dictionary<(int Mailbox, uint Uid), long>> SendAsync(Bench bench, Contender contender, int messages)
    {
        var announced = new Dictionary<(int, uint), long>(messages);
        var order = contender.Mailboxes.OrderBy(_ => Random.Shared.Next()).ToArray();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages; i++)
        {
            var early = (TimeSpan.FromSeconds(1.0 / Rate) * i) - Stopwatch.GetElapsedTime(began);
            if (early > TimeSpan.FromMilliseconds(1))
                await Task.Delay(early);
            var number = order[i % order.Length];
            var mailbox = bench.Stub[number];
            var at = mailbox.Append();
            announced[(number, (uint)mailbox.Count)] = at;
        }

        return announced;
    }
}
