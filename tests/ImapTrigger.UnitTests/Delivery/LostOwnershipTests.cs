using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>What is not ours any more, by the clock, is neither begun nor settled nor touched: at each step that cannot be taken back (law 4).</summary>
public sealed class LostOwnershipTests : ICursorLog, ITriggeredFunctionExecutor, IPoisonStore, IMailboxAccess, IDisposable
{
    private static readonly ImapEvent Message = new() { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = 1 };
    private readonly CursorTracker _cursor = new(new MailboxCursor { UidValidity = 1, LastUid = 0 }, TimeProvider.System);
    private readonly RunningCalls _calls = new("f", TimeProvider.System, NullLogger.Instance);
    private readonly List<string> _done = [];
    private string? _lostAt;
    private bool _fails;
    private bool _wasDone;

    public LostOwnershipTests() => _cursor.Take(Message);

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld { get; private set; } = true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, null, "call,act", true)]
    [InlineData(false, "call", "call", false)]
    [InlineData(false, "act", "call,act", false)]
    [InlineData(true, null, "call,raw,poison,act", true)]
    [InlineData(true, "call", "call", false)]
    [InlineData(true, "poison", "call,raw,poison", false)]
    [InlineData(true, "act", "call,raw,poison,act", false)]
    public async Task Nothing_more_is_done_from_the_moment_it_is_lost(bool fails, string? lostAt, string done, bool settled)
    {
        (_fails, _lostAt) = (fails, lostAt);
        Assert.Equal(settled, await DeliverAsync());
        Assert.Equal(done, string.Join(',', _done));
        Assert.Equal(settled, _cursor.Find(1) is null);
        // What the next owner reads: not that it is done, when we could not know that any more.
        Assert.Equal(lostAt == "act" && !fails, _cursor.Find(1)?.Done ?? false);
    }

    [Fact]
    public async Task Nothing_is_begun_after_it()
    {
        IsHeld = false;
        Assert.False(await DeliverAsync());
        Assert.Empty(_done);
        Assert.Equal(0, _cursor.Find(1)?.Attempts);
    }

    /// <summary>It may die in the action, or the action may fail: then the next owner does not call the function again.</summary>
    [Fact]
    public async Task That_the_function_has_succeeded_is_on_record_before_the_message_is_touched()
    {
        await DeliverAsync();
        Assert.Equal("call,act", string.Join(',', _done));
        Assert.True(_wasDone);
    }

    [Fact]
    public async Task An_action_that_has_waited_for_the_session_is_not_carried_out_after_it()
    {
        var requests = new SessionRequests();
        var source = new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX");
        var access = new MailboxAccess(source, requests, this, new CopySearch(source.Account, new ConnectGate(TimeProvider.System), TimeProvider.System), TimeProvider.System, NullLogger.Instance);
        var applying = access.ApplyAsync(1, new AfterAction(AfterActionKind.Seen), again: false, Token);
        IsHeld = false;
        await Assert.ThrowsAsync<WatchEndedException>(() => requests.ServeAsync(null!, Token));
        requests.Close();
        await Assert.ThrowsAsync<WatchEndedException>(() => applying);
    }

    public void Dispose() => _calls.Dispose();

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    Task<FunctionResult> ITriggeredFunctionExecutor.TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        Do("call");
        return Task.FromResult(_fails ? new FunctionResult(new InvalidOperationException("No.")) : new FunctionResult(true));
    }

    Task<byte[]?> IMailboxAccess.ReadRawAsync(uint uid, CancellationToken cancellationToken)
    {
        Do("raw");
        return Task.FromResult<byte[]?>([1]);
    }

    Task<string?> IMailboxAccess.ApplyAsync(uint uid, AfterAction action, bool again, CancellationToken cancellationToken)
    {
        _wasDone = _cursor.Snapshot().Open[uid].Done;
        Do("act");
        return Task.FromResult<string?>(null);
    }

    string IPoisonStore.PathOf(PoisonRecord record) => record.Name;

    Task<StoreAnswer> IPoisonStore.PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken)
    {
        Do("poison");
        return Task.FromResult(StoreAnswer.Done);
    }

    Task<StoreAnswer<IReadOnlyList<string>>> IPoisonStore.ListReplaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<PoisonRecord>> IPoisonStore.ReadReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.TakeReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<byte[]>> IPoisonStore.ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task<bool> DeliverAsync()
    {
        var options = new DeliveryOptions(1, 1);
        var actions = new AfterActions(new AfterAction(AfterActionKind.Seen), new AfterAction(AfterActionKind.Delete));
        var settlement = new Settlement("m", "f", actions, this, this, this, TimeProvider.System, NullLogger.Instance);
        var delivery = new EventDelivery("m", new FunctionCall("f", this, _calls, default), settlement, this, options, TimeProvider.System, NullLogger.Instance);
        using var slots = new SemaphoreSlim(0);
        return await delivery.RunAsync(new CursorRecord(Message, careful: false, _cursor, this, this, _ => { }), slots, Token);
    }

    private void Do(string what)
    {
        _done.Add(what);
        IsHeld &= what != _lostAt;
    }
}
