using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests;

/// <summary>A clock that has gone on while the process was frozen (SIGSTOP, a paused machine): the timers have not fired yet.</summary>
internal sealed class FrozenTime(FakeTimeProvider time) : TimeProvider
{
    private long _frozen;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + GetElapsedTime(0, Interlocked.Read(ref _frozen));

    public override long GetTimestamp() => time.GetTimestamp() + Interlocked.Read(ref _frozen);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);

    public void Freeze(TimeSpan span) => Interlocked.Add(ref _frozen, (long)(span.TotalSeconds * TimestampFrequency));
}
