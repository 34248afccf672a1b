using ImapTrigger.Diagnostics;
using ImapTrigger.Hosting;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>A partition that is wanted and owned by nobody is said by everybody who wants it.</summary>
public sealed class UnownedTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPartitionStore _memory;
    private readonly ThrowingStore _store;
    private readonly LogLines[] _logs = [new(), new()];
    private readonly string _function = $"f-{Guid.NewGuid():N}";
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];

    public UnownedTests()
    {
        _memory = new MemoryPartitionStore(_time);
        _store = new ThrowingStore(_memory);
    }

    [Theory]
    [InlineData(nameof(StoreOutcome.Unreachable), "any")]
    [InlineData(nameof(StoreOutcome.Forbidden), "any")]
    [InlineData(nameof(StoreOutcome.Unreadable), "acquire")]
    // It is free, and nobody gets it.
    [InlineData(nameof(StoreOutcome.Busy), "acquire")]
    public async Task It_rings_at_all_who_want_it_whatever_stands_in_the_way(string answer, string call)
    {
        var outcome = Enum.Parse<StoreOutcome>(answer);
        _memory.Says = made => call == "any" || made == call ? new StoreAnswer(outcome, "the reason") : null;
        Start();
        await _time.PassAsync(TimeSpan.FromSeconds(44));
        Assert.All(_logs, log => Assert.Equal(0, log.CountOf(208)));
        Assert.True(await IsHealthyAsync());
        await _time.PassAsync(TimeSpan.FromSeconds(12));
        foreach (var log in _logs)
        {
            var line = Assert.Single(log.All, line => line.EventId == 208);
            Assert.Equal(LogLevel.Error, line.Level);
            Assert.Contains("ann@h/INBOX", line.Text, StringComparison.Ordinal);
            if (outcome != StoreOutcome.Busy)
                Assert.Contains("the reason", line.Text, StringComparison.Ordinal);
        }

        Assert.False(await IsHealthyAsync());
        Assert.True(Unowned.Longest >= TimeSpan.FromSeconds(45));
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        Assert.All(_logs, log => Assert.Equal(2, log.CountOf(208)));

        _memory.Says = _ => null;
        await _time.PassUntilAsync(() => _logs.All(log => log.CountOf(209) == 1));
        Assert.True(await IsHealthyAsync());
    }

    [Fact]
    public async Task It_rings_although_the_striving_itself_hangs()
    {
        Start();
        await _time.PassUntilAsync(() => _logs.Any(log => log.CountOf(200) == 1));
        var standingBy = _logs.Single(log => log.CountOf(200) == 0);
        _store.Instead = (_, token) => Task.Delay(Timeout.Infinite, CancellationToken.None);
        await _time.PassAsync(TimeSpan.FromMinutes(2));
        Assert.True(standingBy.CountOf(208) > 0);
        Assert.All(_logs, log => Assert.True(log.CountOf(208) > 0));
    }

    [Fact]
    public async Task It_rings_although_the_striving_breaks_off_each_time()
    {
        var reasons = 0;
        // Another each time, so that each is told.
        _memory.Says = _ => new StoreAnswer(StoreOutcome.Forbidden, $"reason {Interlocked.Increment(ref reasons)}");
        foreach (var log in _logs)
            log.Fails = eventId => eventId == 204;
        Start();
        await _time.PassAsync(TimeSpan.FromMinutes(2));
        Assert.All(_logs, log => Assert.True(log.CountOf(206) > 3));
        Assert.All(_logs, log => Assert.Equal(1, log.CountOf(208)));
    }

    [Fact]
    public async Task Standing_by_and_owning_are_quiet()
    {
        Start();
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        Assert.All(_logs, log => Assert.Equal(0, log.CountOf(208)));
        Assert.True(await IsHealthyAsync());
        var owner = Assert.Single(_logs, log => log.CountOf(200) == 1);
        Assert.Equal(0, owner.CountOf(201));
        // Who stands by says for whom.
        Assert.Contains(_memory.State.Owner!, Assert.Single(_logs.Single(log => log != owner).All, line => line.EventId == 201).Text, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Instead = (_, _) => null;
        await _stopping.CancelAsync();
        await _time.PassUntilAsync(() => _running.All(running => running.IsCompleted));
        _stopping.Dispose();
    }

    private void Start()
    {
        foreach (var log in _logs)
        {
            var owner = new PartitionOwner(
                _store,
                new Dictionary<int, string> { [32] = "ann@h/INBOX" },
                (_, _, ending) => Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default),
                new OwnerContext(_function, LeaseTiming.Default, _time, log));
            _running.Add(owner.RunAsync(_stopping.Token));
        }
    }

    /// <summary>As far as this test's function goes: a process has one health.</summary>
    private async Task<bool> IsHealthyAsync()
    {
        var check = new ImapIdleHealthCheck(Options.Create(new ImapIdleOptions()));
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("imap", check, HealthStatus.Unhealthy, tags: null) };
        var result = await check.CheckHealthAsync(context, TestContext.Current.CancellationToken);
        return result.Description?.Contains(_function, StringComparison.Ordinal) != true;
    }
}
