using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Functions that block or never end, on a real Azurite: no lease is lost by them, and none lives longer than who uses it.</summary>
public sealed class CallTests(InProcessServer server, AzuriteServer azurite) : IClassFixture<InProcessServer>, IClassFixture<AzuriteServer>
{
    private const int Calls = 100;

    /// <summary>Longer than a lease.</summary>
    private static readonly TimeSpan Blocking = TimeSpan.FromSeconds(30);

    private readonly string _user = $"user-{Guid.NewGuid():N}";

    /// <summary>What a function may do to its thread, and to the pool's.</summary>
    private static readonly Dictionary<string, Func<Task>> Blocks = new()
    {
        ["at once"] = () =>
        {
            Thread.Sleep(Blocking);
            return Task.CompletedTask;
        },
        ["after an await"] = async () =>
        {
            await Task.Delay(100).ConfigureAwait(false);
            Thread.Sleep(Blocking);
        },
    };

    public static TheoryData<string> Ways => new(Blocks.Keys);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_hundred_calls_that_block_cost_no_lease_and_none_comes_twice(string way)
    {
        var script = new Script(_ => Blocks[way]());
        await using var app = await StartAsync(script, options => options.MaxConcurrentCalls = Calls);
        await app.WatchingAsync();
        await server.DeliverAsync(_user, Enumerable.Range(0, Calls).Select(i => OddMessages.Plain($"n{i}")));
        await app.Logs.WaitForAsync(408, Calls);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 202 or 206 or 305);
        Assert.Equal(Calls, script.Inbox.Got.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_never_ends_ends_neither_the_stop_nor_the_next_owner(bool blocking)
    {
        var first = new Script(_ =>
        {
            if (blocking)
                Thread.Sleep(Timeout.Infinite);
            return new TaskCompletionSource().Task;
        });
        await using var one = await StartAsync(first, options => options.StopGracePeriod = TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1));
        await one.WatchingAsync();
        await server.DeliverAsync(_user, [OddMessages.Plain("hangs")]);
        await first.Inbox.WaitForAsync(1);
        var second = new Script(_ => Task.CompletedTask);
        await using var other = await StartAsync(second);
        await other.Logs.WaitForAsync(201);

        await one.StopAsync();
        Assert.Contains(one.Logs.Entries, entry => entry is { EventId: 210, Level: LogLevel.Information } && entry.Text.Contains("waits for running calls: 1, at most 5 s: message 1 of", StringComparison.Ordinal));
        // The host has gone on; the call has its grace, and the lease with it.
        Assert.False(one.Logs.Has(203));
        await one.Logs.WaitForAsync(203);
        Assert.Contains(one.Logs.Entries, entry => entry is { EventId: 410, Level: LogLevel.Error } && entry.Text.Contains("message 1 of", StringComparison.Ordinal));
        Assert.Equal("hangs", Assert.Single(await second.Inbox.WaitForAsync(1)).Subject);
        Assert.DoesNotContain(other.Logs.Entries, entry => entry.EventId == 208);
    }

    private Task<FunctionApp> StartAsync(Script script, Action<ImapIdleOptions>? configure = null, TimeSpan? hostPatience = null) => FunctionApp.StartAsync(
        typeof(Functions),
        script,
        [.. server.Settings(_user), new("AzureWebJobsStorage", azurite.ConnectionString), new("AzureWebJobs:extensions:imapIdle:stateName", _user)],
        configure,
        hostPatience: hostPatience);

    /// <summary>What the function does, apart from telling that it was called.</summary>
    private sealed class Script(Func<ImapEvent, Task> act)
    {
        public Inbox<ImapEvent> Inbox { get; } = new();

        public Task RunAsync(ImapEvent mail)
        {
            Inbox.Add(mail);
            return act(mail);
        }
    }

    private sealed class Functions(Script script)
    {
        public Task OnMail([ImapIdleTrigger] ImapEvent mail) => script.RunAsync(mail);
    }
}
