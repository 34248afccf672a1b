using System.Net;
using ImapTrigger.Benchmarks;
using ImapTrigger.Benchmarks.Measures;
using ImapTrigger.Benchmarks.Peers;
using ImapTrigger.Benchmarks.Stub;

if (args is ["contender", var contender])
{
    var watch = new Watch();
    await (contender switch
    {
        "trigger" => TriggerHost.RunAsync(watch),
        "mailkit" => MailKitLoop.RunAsync(watch),
        "raw" => RawLoop.RunAsync(watch),
        _ => throw new ArgumentException($"No contender is called {contender}.", nameof(args)),
    });
    return 0;
}

if (args is ["roundtrip", var milliseconds])
    RoundTrip.Run(TimeSpan.FromMilliseconds(int.Parse(milliseconds, System.Globalization.CultureInfo.InvariantCulture)));

Measure[] all =
[
    Latency.Warm, Latency.WarmTls, Latency.Distance, FanOut.Thousand, Burst.Live, Burst.Backlog, Idle.Tls, Idle.Plain, FanOut.TenThousand, Burst.Million,
];
var names = args.Where(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToArray();
var rounds = int.Parse(Option("rounds") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
var contenders = Option("contenders")?.Split(',') ?? [.. Contender.Names];
if (names.Except(all.Select(measure => measure.Name)).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"No measure is called {unknown}. There are: {string.Join(", ", all.Select(measure => measure.Name))}.");
    return 2;
}

var report = new Report();
// run.sh starts distance by itself, in a network namespace where packets take 30 ms.
foreach (var measure in all.Where(measure => names.Length == 0 ? (measure == Latency.Distance) == (Bench.HostName is not null) : names.Contains(measure.Name)))
{
    if (measure == Latency.Distance && Bench.HostName is null)
        throw new InvalidOperationException("distance needs a way of 30 ms: it is started by run.sh.");
    Console.Error.WriteLine($"== {measure.Name}: {measure.Text}");
    var load = Bench.Load;
    await using var stub = new StubServer(Bench.HostName is null ? IPAddress.Loopback : IPAddress.Any);
    using var bench = new Bench(stub, contenders);
    for (var round = 1; round <= rounds; round++)
        await measure.RunAsync(bench);
    report.Add(measure, bench, rounds, load);
}

Console.Write(report.Text);
if (Option("json") is { } file)
    await File.WriteAllTextAsync(file, report.Json);
return 0;

string? Option(string name) => args.FirstOrDefault(arg => arg.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..];
