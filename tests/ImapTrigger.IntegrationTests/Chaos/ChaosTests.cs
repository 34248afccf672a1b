using System.Globalization;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Chaos;

/// <summary>
/// Nothing is lost, whoever dies. A minute of it here; <c>./test.sh chaos --minutes 10 --seed 1</c> for more.
/// </summary>
public sealed class ChaosTests(DovecotServer dovecot, AzuriteServer azurite) : IClassFixture<DovecotServer>, IClassFixture<AzuriteServer>
{
    private static readonly JsonSerializerOptions OneLine = new(JsonSerializerDefaults.Web);

    [Fact]
    public async Task Nothing_is_lost_whoever_dies()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("CHAOS_SEED") ?? Random.Shared.Next(1_000_000).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var minutes = double.Parse(Environment.GetEnvironmentVariable("CHAOS_MINUTES") ?? "1", CultureInfo.InvariantCulture);
        Tell($"seed {seed}, {minutes} minutes");
        await using var run = new ChaosRun(dovecot, azurite, seed, TimeSpan.FromMinutes(minutes), Tell);
        await run.RunAsync(TestContext.Current.CancellationToken);

        var ledger = run.Ledger;
        var duplicates = ledger.Duplicates();
        var killed = ledger.FailOvers(ChaosAction.Kill).ToArray();
        var terminated = ledger.FailOvers(ChaosAction.Terminate).ToArray();
        var report = JsonSerializer.Serialize(
            new
            {
                ledger.Sent, ledger.Delivered, Lost = ledger.Sent - ledger.Delivered, Duplicates = duplicates.Values.Sum(kind => kind.Count), ByFault = duplicates,
                LongestGapSeconds = Math.Round(ledger.LongestGap(), 1),
                FailoverSeconds = new { Sigkill = killed.Select(Rounded), Sigterm = terminated.Select(Rounded) },
                Seed = seed,
            },
            OneLine);
        Tell(report);
        Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts"));
        await File.WriteAllTextAsync(Path.Combine(Repository.Root, "artifacts/chaos.json"), report + "\n", CancellationToken.None);

        Assert.Empty(ledger.Failures());
        // Lease, acquire, and five seconds for a busy machine; a proper stop hands over at the next look.
        Assert.All(killed, seconds => Assert.InRange(seconds, 0, 40));
        Assert.All(terminated, seconds => Assert.InRange(seconds, 0, 6));
    }

    private static double Rounded(double seconds) => Math.Round(seconds, 1);

    private static void Tell(string what)
    {
        var line = $"chaos {DateTime.Now:HH:mm:ss} {what}";
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.WriteLine(line);
    }
}
