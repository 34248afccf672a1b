using ImapTrigger.Delivery;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>What somebody wants delivered again stays wanted until it is decided, wherever a stop meets it.</summary>
public sealed class ReplayRecordTests : ICursorLog, ITriggeredFunctionExecutor, IPoisonStore, IDisposable
{
    private static readonly PoisonRecord Record = new()
    {
        Mailbox = "ann@h:993/INBOX",
        Function = "f",
        Event = new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = 1 },
    };

    private readonly RunningCalls _calls = new("f", TimeProvider.System, NullLogger.Instance);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _done = [];
    private StoreAnswer _take = StoreAnswer.Done;
    private bool _lost;
    private bool _fails;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld { get; private set; } = true;

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public async Task What_was_taken_and_not_decided_is_put_back(bool fails, bool lost, bool stopped)
    {
        (_fails, _lost) = (fails, lost);
        Assert.False(await DeliverAsync(cancelled: !fails && stopped));
        Assert.Equal("take,call,back 7-42", string.Join(',', _done));
    }

    [Fact]
    public async Task What_another_has_taken_is_not_put_back()
    {
        _take = new StoreAnswer(StoreOutcome.Lost, "another has taken it");
        Assert.False(await DeliverAsync(cancelled: false));
        Assert.Equal("take", string.Join(',', _done));
    }

    public void Dispose()
    {
        _calls.Dispose();
        _stopping.Dispose();
    }

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    async Task<FunctionResult> ITriggeredFunctionExecutor.TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        _done.Add("call");
        IsHeld = !_lost;
        // What comes next, an attempt or the end, is met by the stop.
        await _stopping.CancelAsync();
        if (!_fails)
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        return new FunctionResult(new InvalidOperationException("No."));
    }

    string IPoisonStore.PathOf(PoisonRecord record) => record.Name;

    Task<StoreAnswer> IPoisonStore.PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<IReadOnlyList<string>>> IPoisonStore.ListReplaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<PoisonRecord>> IPoisonStore.ReadReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.TakeReplayAsync(string name, CancellationToken cancellationToken)
    {
        _done.Add("take");
        return Task.FromResult(_take);
    }

    Task<StoreAnswer> IPoisonStore.ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken)
    {
        // The stop must not cancel this, too.
        Assert.False(cancellationToken.IsCancellationRequested);
        _done.Add($"back {name}");
        return Task.FromResult(StoreAnswer.Done);
    }

    Task<StoreAnswer<byte[]>> IPoisonStore.ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task<bool> DeliverAsync(bool cancelled)
    {
        var tokens = cancelled ? new CallTokens(_stopping.Token, _stopping.Token) : default;
        var delivery = new EventDelivery("m", new FunctionCall("f", this, _calls, tokens), null!, this, new DeliveryOptions(1, 5), TimeProvider.System, NullLogger.Instance);
        using var slots = new SemaphoreSlim(0);
        return await delivery.RunAsync(new ReplayRecord(Record, "7-42", inMailbox: true, this, null!), slots, _stopping.Token);
    }
}
