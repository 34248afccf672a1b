using ImapTrigger.Delivery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Delivery;

public sealed class RunningCallsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();

    [Fact]
    public void A_call_that_runs_long_is_said_once_and_others_are_not()
    {
        using var calls = new RunningCalls("f", _time, _log);
        calls.End(calls.Begin("m", 1));
        _time.Advance(TimeSpan.FromHours(1));
        var longer = calls.Begin("m", 2);
        _time.Advance(TimeSpan.FromMinutes(4.9));
        var shorter = calls.Begin("m", 3);
        Assert.Empty(_log.All);
        _time.Advance(TimeSpan.FromSeconds(30));
        var line = Assert.Single(_log.All);
        Assert.Equal((409, LogLevel.Warning), (line.EventId, line.Level));
        Assert.Contains("message 2 of m", line.Text, StringComparison.Ordinal);
        calls.End(shorter);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Single(_log.All);
        calls.End(longer);
        Assert.Equal(0, calls.Count);
    }

    [Fact]
    public void What_a_stop_waits_for_is_named_longest_first_and_not_endlessly()
    {
        using var calls = new RunningCalls("f", _time, _log);
        var begun = new List<RunningCall>();
        for (uint uid = 1; uid <= 7; uid++)
        {
            begun.Add(calls.Begin("ann@h/INBOX", uid));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(7, calls.Count);
        var text = calls.ToString();
        Assert.StartsWith("message 1 of ann@h/INBOX for 1 min 10 s, message 2 of ann@h/INBOX for 1 min,", text, StringComparison.Ordinal);
        Assert.EndsWith("message 5 of ann@h/INBOX for 30 s, ...", text, StringComparison.Ordinal);
        calls.End(begun[0]);
        calls.End(begun[1]);
        Assert.EndsWith("message 7 of ann@h/INBOX for 10 s", calls.ToString(), StringComparison.Ordinal);
    }
}
