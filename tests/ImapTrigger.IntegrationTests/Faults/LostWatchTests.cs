using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Faults;

/// <summary>How a watch ends, on a clock that stands still: nothing here may wait for a deadline.</summary>
public sealed class LostWatchTests : ICursorLog, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SessionRequests _requests = new();
    private readonly ImapTestAccount _account;

    public LostWatchTests() => _account = _server.AddAccount("ann", "secret");

    public CancellationToken Lost => _lost.Token;

    public bool IsHeld => !_lost.IsCancellationRequested;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Law 4: another may watch in a moment, and this server would let us wait for ten seconds.</summary>
    [Fact]
    public async Task Who_has_lost_its_partition_waits_for_no_server()
    {
        _server.Faults.DoneUnanswered = true;
        var watching = WatchAsync(_server.Port);
        await _account.Inbox.WaitForIdleAsync(Token);
        await _lost.CancelAsync();
        await _stopping.CancelAsync();
        await watching.WaitAsync(Patience, Token);
        Assert.True(_lost.IsCancellationRequested);
    }

    /// <summary>Else a call that waits for its message waits for ever, and the line for the call.</summary>
    [Fact]
    public async Task Who_waits_for_a_message_is_told_when_nobody_will_fetch_it()
    {
        var watching = WatchAsync(port: 1);
        var waiting = _requests.AskAsync((_, _) => Task.FromResult(true), SessionRequests.ReadTries, Token);
        await _stopping.CancelAsync();
        await watching.WaitAsync(Patience, Token);
        await Assert.ThrowsAsync<WatchEndedException>(() => waiting.WaitAsync(Patience, Token));
        await Assert.ThrowsAsync<WatchEndedException>(() => _requests.AskAsync((_, _) => Task.FromResult(true), SessionRequests.ReadTries, Token).WaitAsync(Patience, Token));
    }

    public async ValueTask DisposeAsync()
    {
        _lost.Dispose();
        _stopping.Dispose();
        await _server.DisposeAsync();
    }

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    private Task WatchAsync(int port)
    {
        var account = new ImapAccount { Host = "127.0.0.1", Port = port, Security = ImapSecurity.None, UserName = "ann", Password = "secret" };
        var options = new WatchOptions(TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(1), UidValidityPolicy.Continue);
        var watch = new MailboxWatch(
            new MailboxSource(account, "INBOX"), recorded: null, adoption: null, this, NewLine, _requests, writable: false, new ConnectGate(_time), options, _time, NullLogger.Instance);
        return watch.RunAsync(_stopping.Token);
    }

    /// <summary>Nothing is delivered here.</summary>
    private DeliveryLine NewLine(MailboxCursor cursor)
    {
        var tracker = new CursorTracker(cursor, _time);
        var pump = new DeliveryPump(tracker, this, null!, null!, new DeliveryOptions(1, 1));
        return new DeliveryLine(tracker, this, pump, pump.RunAsync, careful: false, _stopping.Token);
    }
}
