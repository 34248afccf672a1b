using System.Globalization;
using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.Testing;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Endurance;

/// <summary>A day of IDLE passes in seconds: only the clock is not real.</summary>
[Collection(typeof(ByItself))]
public sealed class DayOfIdleTests : ICursorLog, ITriggeredFunctionExecutor
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(9);
    private readonly IdleClock _time = new();
    private int _delivered;

    CancellationToken ICursorLog.Lost => CancellationToken.None;

    bool ICursorLog.IsHeld => true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_day_nothing_has_piled_up()
    {
        await using var server = ImapTestServer.Start();
        var account = server.AddAccount("ann", "secret");
        var source = new MailboxSource(new ImapAccount { Host = "127.0.0.1", Port = server.Port, Security = ImapSecurity.None, UserName = "ann", Password = "secret" }, "INBOX");
        using var stopping = new CancellationTokenSource();
        var requests = new SessionRequests();
        using var calls = new RunningCalls("f", _time, NullLogger.Instance);
        var options = new DeliveryOptions(1, 5);
        var watch = new MailboxWatch(source, null, null, this, NewLine, requests, false, new ConnectGate(_time), new WatchOptions(Renewal, TimeSpan.FromMinutes(1), UidValidityPolicy.Continue), _time, NullLogger.Instance);
        var running = watch.RunAsync(stopping.Token);

        var (idles, sent) = (1, 0);
        await IdlingAsync();
        // A first hour for everything to be there that is ever needed.
        await HoursAsync(1);
        var before = Measure();
        await HoursAsync(23);
        var after = Measure();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{idles} IDLE, {sent} messages; memory {before.Memory / 1024} -> {after.Memory / 1024} KiB, timers {before.Timers} -> {after.Timers}, descriptors {before.Files} -> {after.Files}"));

        Assert.Equal(sent, _delivered);
        Assert.Equal(1, server.Faults.OpenConnections);
        Assert.Single(server.Commands, command => command.Text is "AUTHENTICATE" or "LOGIN");
        // The server's own record of commands and messages is in it: about a kilobyte each.
        Assert.InRange(after.Memory - before.Memory, long.MinValue, 4 * 1024 * 1024);
        Assert.InRange(after.Timers - before.Timers, int.MinValue, 2);
        Assert.InRange(after.Files - before.Files, int.MinValue, 5);
        await stopping.CancelAsync();
        await running;

        async Task HoursAsync(int hours)
        {
            for (var end = _time.GetUtcNow() + TimeSpan.FromHours(hours); _time.GetUtcNow() < end;)
            {
                _time.Advance(Renewal);
                idles++;
                await IdlingAsync();
                account.Inbox.Append("Subject: x\r\n\r\nHi\r\n");
                sent++;
                idles++;
                await IdlingAsync();
            }
        }

        async Task IdlingAsync()
        {
            // Not before the server idles: a clock that goes on meanwhile would run over the grace for its "+".
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (_time.Begun < idles)
                await Task.Delay(1, limit.Token);
        }

        DeliveryLine NewLine(MailboxCursor start)
        {
            var cursor = new CursorTracker(start, _time);
            var access = new MailboxAccess(source, requests, this, null!, _time, NullLogger.Instance);
            var settlement = new Settlement("m", "f", new AfterActions(AfterAction.None, AfterAction.None), null!, access, this, _time, NullLogger.Instance);
            var delivery = new EventDelivery("m", new FunctionCall("f", this, calls, new CallTokens(Token, Token)), settlement, this, options, _time, NullLogger.Instance);
            var pump = new DeliveryPump(cursor, this, access, delivery, options);
            return new DeliveryLine(cursor, this, pump, pump.RunAsync, careful: false, stopping.Token);
        }
    }

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    Task<FunctionResult> ITriggeredFunctionExecutor.TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _delivered);
        return Task.FromResult(new FunctionResult(true));
    }

    private static (long Memory, long Timers, int Files) Measure() =>
        (GC.GetTotalMemory(forceFullCollection: true), Timer.ActiveCount, Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0);

    /// <summary>Knows how many IDLEs have begun: with the server's "+" the session's timer is set, and the watch waits for its renewal.</summary>
    private sealed class IdleClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        private int _answered;
        private int _waited;

        public int Begun => Math.Min(Volatile.Read(ref _answered), Volatile.Read(ref _waited));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Renewal)
                Interlocked.Increment(ref _waited);
            return new Heard(this, timer);
        }

        private sealed class Heard(IdleClock clock, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                var changed = timer.Change(dueTime, period);
                if (dueTime == ImapIdle.MaxRenewal)
                    Interlocked.Increment(ref clock._answered);
                return changed;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
