using ImapTrigger.Delivery;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>What keeps a call from being begun: the message stays open, and no attempt is counted.</summary>
public sealed class NoCallTests : ICursorLog, ITriggeredFunctionExecutor, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private bool _keepsUp = true;
    private int _calls;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld => true;

    /// <summary>Calls are told to end a moment before the pump is: what ends makes room, and nothing may be begun in it (law 5).</summary>
    [Fact]
    public Task Nothing_is_begun_once_calls_are_told_to_end() => AssertNotBegunAsync(new CancellationToken(canceled: true));

    /// <summary>Law 17; what it means to keep up, <see cref="Ownership.PartitionLeaseTests"/> show.</summary>
    [Fact]
    public Task Nothing_is_begun_while_progress_is_not_on_record()
    {
        _keepsUp = false;
        return AssertNotBegunAsync(CancellationToken.None);
    }

    private async Task AssertNotBegunAsync(CancellationToken cancelled)
    {
        var cursor = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 0 }, TimeProvider.System);
        var message = new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = 1 };
        cursor.Take(message);
        using var calls = new RunningCalls("f", TimeProvider.System, NullLogger.Instance);
        using var slots = new SemaphoreSlim(0);
        var call = new FunctionCall("f", this, calls, new CallTokens(cancelled, CancellationToken.None));
        var delivery = new EventDelivery("m", call, null!, this, new DeliveryOptions(1, 5), TimeProvider.System, NullLogger.Instance);

        Assert.False(await delivery.RunAsync(new CursorRecord(message, careful: false, cursor, this, null!, _ => { }), slots, _stopping.Token));

        Assert.Equal(0, _calls);
        Assert.Equal(0, cursor.Find(1)?.Attempts);
        Assert.Equal(1, slots.CurrentCount);
    }

    public void Dispose() => _stopping.Dispose();

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    public ValueTask<bool> KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_keepsUp);

    public Task<bool> FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<FunctionResult> TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        _calls++;
        _stopping.Cancel();
        return Task.FromResult(new FunctionResult(true));
    }
}
