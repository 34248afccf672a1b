using ImapTrigger.Benchmarks;
using ImapTrigger.Testing;

// How long from the acceptance of a message to the first line of code that gets it: the trigger against a bare MailKit loop,
// message by message in turn, on the in-process server (which pushes at once; stock Dovecot waits 500 ms).
var rounds = args is [var text] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 1000;
await using var server = ImapTestServer.Start();
await using var bare = await BareMailKitLoop.StartAsync(server, server.AddAccount("bare", "secret"));
await using var session = await SessionLoop.StartAsync(server, server.AddAccount("session", "secret"));
await using var trigger = await TriggerHost.StartAsync(server, server.AddAccount("trigger", "secret"));

IContestant[] contestants = [bare, session, trigger];
var times = contestants.ToDictionary(contestant => contestant, _ => new List<double>());
for (var round = -rounds / 10; round < rounds; round++)
{
    foreach (var contestant in contestants)
    {
        await contestant.Inbox.WaitForIdleAsync();
        var elapsed = await contestant.DeliverAsync(round);
        if (round >= 0)
            times[contestant].Add(elapsed.TotalMicroseconds);
    }
}

foreach (var contestant in contestants)
{
    var sorted = times[contestant].Order().ToArray();
    Console.WriteLine($"{contestant.Name,-20} median {sorted[sorted.Length / 2],8:F0} us   p95 {sorted[sorted.Length * 95 / 100],8:F0} us   p99 {sorted[sorted.Length * 99 / 100],8:F0} us");
}

var ratio = Median(trigger) / Median(bare);
Console.WriteLine($"ratio of the medians {ratio:F2} over {rounds} messages each (wanted: below 1.5)");
return ratio < 1.5 ? 0 : 1;

double Median(IContestant contestant) => times[contestant].Order().ElementAt(times[contestant].Count / 2);
