using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Whoever dies, nothing is lost: two processes, one Azurite, one Dovecot.</summary>
public sealed class TakeOverTests(DovecotServer dovecot, AzuriteServer azurite) : IClassFixture<DovecotServer>, IClassFixture<AzuriteServer>
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_host_killed_in_the_middle_of_five_hundred_is_followed_by_another_and_only_the_last_flush_interval_comes_twice()
    {
        KeyValuePair<string, string?>[] settings = [.. dovecot.Settings("killed"), new("AzureWebJobsStorage", azurite.ConnectionString)];
        await using var first = HostProcess.Start(settings);
        await first.WaitForLogAsync(300);
        await using var second = HostProcess.Start(settings);
        await second.WaitForLogAsync(201);

        await dovecot.DeliverAsync("killed", Enumerable.Range(0, 500).Select(i => OddMessages.Plain($"n{i}")));
        await first.WaitForAsync(() => first.Calls.Count >= 200, "two hundred calls");
        await first.KillAsync();

        var before = first.Calls;
        Assert.InRange(before.Count, 200, 499);
        await second.WaitForAsync(() => before.Concat(second.Calls).DistinctBy(call => call.Uid).Count() == 500, "the rest of five hundred");
        var after = second.Calls;
        Assert.Equal(Enumerable.Range(1, 500).Select(uid => (uint)uid), before.Concat(after).Select(call => call.Uid).Distinct().Order());

        var twice = before.IntersectBy(after.Select(call => call.Uid), call => call.Uid).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"{before.Count} calls before the kill, {twice.Length} of them came again, {after.Count} calls in all after it.");
        // One interval, and as long again for the write that was under way.
        Assert.All(twice, call => Assert.InRange(before[^1].Began - call.Began, TimeSpan.Zero, 2 * FlushInterval));
        Assert.Equal(after.Count, after.DistinctBy(call => call.Uid).Count());
    }
}
