using System.Diagnostics.Metrics;
using ImapTrigger.Diagnostics;
using ImapTrigger.Supervision;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Supervision;

public sealed class SupervisorTests : IDisposable
{
    private static readonly Dictionary<string, Exception?> Ends = new()
    {
        ["no exception"] = null,
        ["an exception"] = new InvalidOperationException("from below"),
        ["a cancellation that is not ours"] = new OperationCanceledException("not ours"),
        ["a task's cancellation"] = new TaskCanceledException(),
        ["an aggregate of cancellations"] = new AggregateException(new TaskCanceledException()),
    };

    private readonly string _function = $"f-{Guid.NewGuid():N}";
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly MeterListener _listener = new();
    private readonly string _loop = $"looping-{Guid.NewGuid():N}";
    private long _counted;
    private int _began;

    public static TheoryData<string> Ways => new(Ends.Keys);

    private IReadOnlyCollection<string> Problem => [.. Problems.Now.Where(text => text.Contains(_function, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_end_that_is_not_a_stop_is_said_counted_and_healed(string way)
    {
        Listen();
        var running = RunAsync(_ => _began == 1 ? Ends[way] is { } e ? Task.FromException(e) : Task.CompletedTask : Task.Delay(Timeout.Infinite, _stopping.Token));
        var line = Assert.Single(_log.All);
        Assert.Equal((LogLevel.Error, 206), (line.Level, line.EventId));
        Assert.Contains($"{_function}: {_loop} partition 7", line.Text, StringComparison.Ordinal);
        Assert.Single(Problem);
        Assert.Equal(1, _counted);

        await _time.PassAsync(TimeSpan.FromSeconds(1.5));
        Assert.Equal(2, _began);
        // As long as it waited it has to run, then it is well again.
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(Problem);
        await _stopping.CancelAsync();
        await running;
        Assert.Single(_log.All);
    }

    [Fact]
    public async Task One_that_ends_again_and_again_waits_longer_each_time_up_to_a_minute_and_is_never_given_up()
    {
        var running = RunAsync(_ => throw new InvalidOperationException());
        await _time.PassAsync(TimeSpan.FromMinutes(10));
        // 1, 2, 4, ... 32, 60, 60, ... seconds, each varied by a fifth.
        Assert.InRange(_began, 12, 20);
        Assert.Single(Problem);
        await _stopping.CancelAsync();
        await running;
        Assert.Empty(Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stopping_and_losing_end_it_without_a_word(bool lost)
    {
        var running = RunAsync(token => Task.Delay(Timeout.Infinite, token));
        await (lost ? _lost : _stopping).CancelAsync();
        await running;
        Assert.Equal(1, _began);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task What_fails_in_its_last_step_is_said_and_does_not_begin_anew()
    {
        var running = RunAsync(async token =>
        {
            await Task.Delay(Timeout.Infinite, token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new InvalidOperationException();
        });
        await _stopping.CancelAsync();
        await running;
        Assert.Equal(207, Assert.Single(_log.All).EventId);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _stopping.Dispose();
        _lost.Dispose();
    }

    private Task RunAsync(Func<CancellationToken, Task> run) => new Supervisor(_function, _time, _log).RunAsync(
        _loop,
        "partition 7",
        token =>
        {
            _began++;
            return run(token);
        },
        _stopping.Token,
        _lost.Token);

    private void Listen()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "imap_trigger.loop_failures")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
                _counted += Equals(tag.Value, _loop) ? value : 0;
        });
        _listener.Start();
    }
}
