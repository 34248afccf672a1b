using System.Collections.Concurrent;
using System.Globalization;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>The calls of one function that run now: says of each once when it runs long, and knows what a stop waits for.</summary>
internal sealed class RunningCalls : IDisposable
{
    /// <summary>Beyond this a call is said to run long.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private const int MaxNamed = 5;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<RunningCall, bool> _calls = new();
    private readonly string _function;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;

    public RunningCalls(string function, TimeProvider time, ILogger logger)
    {
        _function = function;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => Look(), null, Tick, Tick);
    }

    public int Count => _calls.Count;

    public RunningCall Begin(string mailbox, uint uid)
    {
        var call = new RunningCall(mailbox, uid, _time.GetTimestamp());
        _calls[call] = true;
        return call;
    }

    public void End(RunningCall call) => _calls.TryRemove(call, out _);

    /// <summary>It was told to end, and has not: nobody waits for it any more.</summary>
    public void Abandon(RunningCall call)
    {
        End(call);
        Metrics.AbandonedCalls.Add(1, Metrics.Function(_function));
        _logger.CallAbandoned(_function, call.Uid, call.Mailbox, Since(call));
    }

    /// <summary>The calls for people, longest first.</summary>
    public override string ToString()
    {
        var calls = _calls.Keys.OrderBy(call => call.BeganAt).ToArray();
        var named = calls.Take(MaxNamed).Select(call => string.Create(CultureInfo.InvariantCulture, $"message {call.Uid} of {call.Mailbox} for {new Pause(Since(call))}"));
        return string.Join(", ", named) + (calls.Length > MaxNamed ? ", ..." : "");
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        foreach (var call in _calls.Keys.Where(call => !call.IsSaid && Since(call) >= Long))
        {
            call.IsSaid = true;
            _logger.CallRunsLong(_function, call.Uid, call.Mailbox, Since(call));
        }
    }

    private TimeSpan Since(RunningCall call) => _time.GetElapsedTime(call.BeganAt);
}

/// <summary>A call that runs.</summary>
internal sealed class RunningCall(string mailbox, uint uid, long beganAt)
{
    public string Mailbox { get; } = mailbox;

    public uint Uid { get; } = uid;

    public long BeganAt { get; } = beganAt;

    /// <summary>That it runs long has been said.</summary>
    public bool IsSaid { get; set; }
}
