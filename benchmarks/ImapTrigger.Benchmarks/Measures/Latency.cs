using System.Diagnostics;

namespace ImapTrigger.Benchmarks.Measures;

/// <summary>One message at a time: from its announcement until the user's code has it. All contenders are up at once and get theirs in turn, by chance.</summary>
internal static class Latency
{
    private const string Cpu = "CPU ms per message";
    private const string ToDone = "EXISTS to DONE, us";
    private const string ToFetch = "DONE to FETCH, us";
    private const string ToCode = "answer to code, us";

    public static Measure Warm { get; } = new("warm", "one message at a time, compiled code, plain", Figures(1.3), bench => RunAsync(bench, tls: false, warmUp: 700, messages: 300));

    public static Measure WarmTls { get; } = new("warm-tls", "the same, TLS", Figures(1.3), bench => RunAsync(bench, tls: true, warmUp: 700, messages: 300));

    public static Measure Distance { get; } = new("distance", "the same, at a true round trip of 30 ms", Figures(1.0), bench => RunAsync(bench, tls: false, warmUp: 30, messages: 60));

    private static Figure[] Figures(double target) =>
        [new("p50 ms", target), new("p95 ms"), new("p99 ms"), new(Cpu, 1.3), new(ToDone, 1.3, Digits: 0), new(ToFetch, 1.3, Digits: 0), new(ToCode, 1.3, Digits: 0)];

    private static async Task RunAsync(Bench bench, bool tls, int warmUp, int messages)
    {
        var contenders = new List<Contender>();
        try
        {
            foreach (var name in bench.Contenders)
                contenders.Add(await bench.StartAsync(name, tls));
            var latencies = contenders.ToDictionary(contender => contender, _ => new List<double>());
            var legs = contenders.ToDictionary(contender => contender, _ => new List<(double Done, double Fetch, double Code)>());
            var cpu = new Dictionary<Contender, TimeSpan>();
            for (var i = -warmUp; i < messages; i++)
            {
                if (i == 0)
                {
                    await Task.Delay(1000);
                    cpu = contenders.ToDictionary(contender => contender, contender => contender.Cpu);
                }

                foreach (var contender in contenders.OrderBy(_ => Random.Shared.Next()).ToArray())
                {
                    var mailbox = bench.Stub[contender.Mailboxes[0]];
                    var announced = mailbox.Append();
                    if (await contender.HandledAtAsync(contender.Mailboxes[0], (uint)mailbox.Count, TimeSpan.FromSeconds(10)) is not { } handled)
                        throw new InvalidOperationException($"{contender.Name} did not handle message {mailbox.Count}.");
                    // As mail comes: not the moment the last is done.
                    await Task.Delay(Random.Shared.Next(4, 12));
                    await contender.WatchingAsync();
                    if (i < 0)
                        continue;
                    latencies[contender].Add(Stopwatch.GetElapsedTime(announced, handled).TotalMilliseconds);
                    var last = mailbox.Last;
                    legs[contender].Add((Micro(last.Announced, last.Done), Micro(last.Done, last.Asked), Micro(last.Answered, handled)));
                }
            }

            await Task.Delay(500);
            foreach (var contender in contenders)
            {
                var sorted = latencies[contender].Order().ToArray();
                bench.Saw(contender.Name, "p50 ms", sorted.At(0.5));
                bench.Saw(contender.Name, "p95 ms", sorted.At(0.95));
                bench.Saw(contender.Name, "p99 ms", sorted.At(0.99));
                bench.Saw(contender.Name, Cpu, (contender.Cpu - cpu[contender]).TotalMilliseconds / messages);
                bench.Saw(contender.Name, ToDone, legs[contender].Select(leg => leg.Done).Order().ToArray().At(0.5));
                bench.Saw(contender.Name, ToFetch, legs[contender].Select(leg => leg.Fetch).Order().ToArray().At(0.5));
                bench.Saw(contender.Name, ToCode, legs[contender].Select(leg => leg.Code).Order().ToArray().At(0.5));
            }
        }
        finally
        {
            foreach (var contender in contenders)
                await contender.DisposeAsync();
        }
    }

    private static double Micro(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;
}
