using System.Globalization;
using ImapTrigger.UnitTests.Listening.Model;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>
/// Law 13 over random servers. IMAPTRIGGER_SEEDS says how many (2,000 by default), IMAPTRIGGER_SEED which one alone; a failure names its seed.
/// </summary>
public sealed class EveryUidIsAnsweredForTests
{
    private static readonly TimeSpan End = TimeSpan.FromHours(5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_message_that_stays_is_delivered_or_put_aside(bool crashes)
    {
        var only = Number("IMAPTRIGGER_SEED");
        var seeds = only is { } seed ? [seed] : Enumerable.Range(1, Number("IMAPTRIGGER_SEEDS") ?? 2000);
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (number, _) => await CheckAsync(number, crashes));
    }

    [Fact]
    public async Task A_quiet_mailbox_costs_one_command_a_look()
    {
        var time = new FakeTimeProvider();
        var server = new ModelServer(1, time, faults: 0);
        using var run = new ModelRun(1, server, time, crashes: false);
        var settled = server.Messages[^1].Arrives + TimeSpan.FromHours(2);
        await run.UntilAsync(settled);
        var before = server.Commands;
        await run.UntilAsync(settled + TimeSpan.FromMinutes(9 * 10));
        // SELECT, the first look, and one at each renewal.
        Assert.InRange(server.Commands - before, 10, 12);
    }

    private static async Task CheckAsync(int seed, bool crashes)
    {
        var time = new FakeTimeProvider();
        var server = new ModelServer(seed, time);
        using var run = new ModelRun(seed, server, time, crashes);
        await run.UntilAsync(End);
        var lost = server.Visible.Where(message => !run.Delivered.ContainsKey(message.Uid) && !run.PutAside.ContainsKey(message.Uid)).ToArray();
        Assert.True(lost.Length == 0, $"seed {seed}: {string.Join("; ", lost.AsEnumerable())}; cursor {run.Cursor}");
        Assert.True(run.Cursor.Gaps.IsEmpty, $"seed {seed}: gaps {string.Join("; ", run.Cursor.Gaps)}");
        Assert.True(run.Cursor.Open.IsEmpty, $"seed {seed}: open {string.Join("; ", run.Cursor.Open)}");
        var twice = run.Delivered.Where(calls => calls.Value > 1).ToArray();
        Assert.True(crashes || twice.Length == 0, $"seed {seed}: twice {string.Join("; ", twice)}");
        var soundPutAside = server.Messages.Where(message => message.Badness == Badness.None && message.Expunged is null && run.PutAside.ContainsKey(message.Uid) && !run.Delivered.ContainsKey(message.Uid)).ToArray();
        Assert.True(soundPutAside.Length == 0, $"seed {seed}: put aside though sound {string.Join("; ", soundPutAside.AsEnumerable())}");
    }

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
