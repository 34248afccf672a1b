namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>The system's clock, which throws when it is asked from within a given method, so many times: whatever loop asks there breaks off by an exception from below.</summary>
internal sealed class FailingTime(string method, int times = 1) : TimeProvider
{
    private readonly TaskCompletionSource _again = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;
    private volatile bool _armed;

    /// <summary>Ends when the method asks again after it has failed: its loop is back.</summary>
    public Task Again => _again.Task;

    public bool HasFailed => Volatile.Read(ref _asked) > 0;

    /// <summary>From here on it fails.</summary>
    public void Arm() => _armed = true;

    public override long GetTimestamp()
    {
        Asked();
        return System.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Asked();
        return System.CreateTimer(callback, state, dueTime, period);
    }

    private void Asked()
    {
        if (!_armed || _again.Task.IsCompleted || !Environment.StackTrace.Contains(method, StringComparison.Ordinal))
            return;
        if (Interlocked.Increment(ref _asked) <= times)
            throw new InvalidTimeZoneException("The clock has failed.");
        _again.TrySetResult();
    }
}
