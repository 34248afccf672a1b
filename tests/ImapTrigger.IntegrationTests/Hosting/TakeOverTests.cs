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

    [Fact]
    public async Task A_host_that_was_frozen_longer_than_its_lease_delivers_and_writes_nothing_when_it_wakes_up()
    {
        KeyValuePair<string, string?>[] settings = [.. dovecot.Settings("frozen"), new("AzureWebJobsStorage", azurite.ConnectionString)];
        await using var first = HostProcess.Start(settings);
        await first.WaitForLogAsync(300);
        await using var second = HostProcess.Start(settings);
        await second.WaitForLogAsync(201);

        await first.SignalAsync("STOP");
        await dovecot.DeliverAsync("frozen", Enumerable.Range(0, 20).Select(i => OddMessages.Plain($"n{i}")));
        await second.WaitForAsync(() => second.Calls.Count == 20, "twenty calls");
        // The frozen one has all of them in its socket.
        await first.SignalAsync("CONT");
        await first.WaitForLogAsync(202);
        await first.WaitForLogAsync(201);
        Assert.Empty(first.Calls);

        await dovecot.DeliverAsync("frozen", [OddMessages.Plain("after")]);
        await second.WaitForAsync(() => second.Calls.Count > 20, "one call more");
        Assert.Equal("after", second.Calls[20].Subject);
        await second.KillAsync();
        // What the first reads now is what the second wrote, up to the last flush before it was killed (law 17).
        await first.WaitForAsync(() => first.Output.Lines.Count(line => line.EventId == 300) == 2, "a second watch");
        var end = second.Calls[^1].Began;
        Assert.All(first.Calls, call => Assert.InRange(end - second.Calls.Single(other => other.Uid == call.Uid).Began, TimeSpan.Zero, TimeSpan.FromSeconds(4)));
    }
}
