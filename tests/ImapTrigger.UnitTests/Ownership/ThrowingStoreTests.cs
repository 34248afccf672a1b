using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>Whatever a store throws, and wherever: the owner goes on striving, says what was thrown, and recovers.</summary>
public sealed class ThrowingStoreTests : IAsyncDisposable
{
    private static readonly Dictionary<string, Func<CancellationToken, Task>> Faults = new()
    {
        ["an exception"] = _ => throw new FormatException("00 (copy).json"),
        ["an exception later"] = async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("thrown later");
        },
        ["a cancellation that is not ours"] = _ => throw new TaskCanceledException("A task was canceled."),
        // What the Azure SDK throws when retries meet the end of their time.
        ["an aggregate while the time is up"] = async token =>
        {
            await Task.Delay(Timeout.Infinite, token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new AggregateException("Retry failed after 2 tries.", new TaskCanceledException(), new IOException());
        },
        ["a cancellation while the time is up"] = token => Task.Delay(Timeout.Infinite, token),
        ["no answer, heeding no token"] = _ => Task.Delay(Timeout.Infinite, CancellationToken.None),
    };

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPartitionStore _memory;
    private readonly ThrowingStore _store;
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private volatile PartitionLease? _working;

    public ThrowingStoreTests()
    {
        _memory = new MemoryPartitionStore(_time);
        _store = new ThrowingStore(_memory);
        _running = new PartitionOwner(_store, new Dictionary<int, string> { [32] = "ann" }, WorkAsync, new OwnerContext("f", LeaseTiming.Default, _time, _log)).RunAsync(_stopping.Token);
    }

    public static MatrixTheoryData<string, string> Everything => new(["look", "acquire", "renew", "write", "release", "any"], Faults.Keys);

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task Whatever_is_thrown_the_owner_goes_on(string call, string fault)
    {
        await _time.PassUntilAsync(() => _working is not null);
        var faults = 0;
        _store.Instead = (made, token) =>
        {
            if (call != "any" && made != call)
                return null;
            Interlocked.Increment(ref faults);
            return Faults[fault](token);
        };
        for (var minute = 0; minute < 2; minute++)
        {
            await _time.PassAsync(TimeSpan.FromSeconds(30));
            _working?.Put("m", new MailboxCursor { UidValidity = 1, LastUid = (uint)minute + 7 });
        }

        // Only its last step; and nobody looks who owns: that must be provoked.
        if (faults == 0)
        {
            _memory.Steal();
            await _time.PassAsync(TimeSpan.FromMinutes(1));
        }

        Assert.True(faults > 0 || call == "release", $"'{call}' was never called.");
        _store.Instead = (_, _) => null;
        await _time.PassUntilAsync(() => _working is { IsHeld: true });
        var flushed = _working!.FlushAsync(TestContext.Current.CancellationToken);
        await _time.PassUntilAsync(() => flushed.IsCompleted);
        Assert.True(await flushed);
        Assert.DoesNotContain(_log.All, line => line.EventId is 206 or 207);
        if (faults > 1 && call != "release")
            Assert.Contains(_log.All, line => line.EventId is 204 or 205 && line.Level >= LogLevel.Warning);

        _store.Instead = (made, token) => call == made || call == "any" ? Faults[fault](token) : null;
        await _stopping.CancelAsync();
        await _time.PassUntilAsync(() => _running.IsCompleted);
        await _running;
        Assert.Contains(_log.All, line => line.EventId is 202 or 203);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _time.PassUntilAsync(() => _running.IsCompleted);
        _stopping.Dispose();
    }

    private async Task WorkAsync(int partition, PartitionLease lease, CancellationToken ending)
    {
        _working = lease;
        await Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _working = null;
    }
}
