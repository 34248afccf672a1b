using ImapTrigger.Delivery;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>What the function says is on record, durably, before the message is touched; then it is done, in order, and once. What it wants again later waits beside the others.</summary>
public sealed class VerdictTests : ICursorLog, ITriggeredFunctionExecutor, IPoisonStore, IMailboxAccess, IDisposable
{
    private static readonly ImapEvent Message = new() { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = 1 };
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly RunningCalls _calls = new("f", TimeProvider.System, NullLogger.Instance);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _done = [];
    private readonly Queue<object?> _returns = [];
    private readonly List<bool> _waits = [];
    private CursorTracker _cursor;
    private PoisonRecord? _poisoned;
    private VerdictUse _use = VerdictUse.Fail;
    private bool _dies;
    private string? _refused;

    public VerdictTests()
    {
        _cursor = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 0 }, _time);
        _cursor.Take(Message);
    }

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld { get; private set; } = true;

    [Theory]
    [InlineData("done", "call 1")]
    [InlineData("seen", "call 1,flush,seen")]
    [InlineData("move:A; copy:B; keyword:x", "call 1,flush,copy:B,keyword:x,move:A")]
    [InlineData("poison:no", "call 1,flush,raw,poison,delete again")]
    [InlineData(null, "call 1,keyword:OnSuccess")]
    public async Task It_takes_the_place_of_OnSuccess_and_is_durable_before_it_is_done(string? verdict, string done)
    {
        Assert.True(await DeliverAsync(verdict));
        Assert.Equal(done, string.Join(',', _done));
        Assert.Null(_cursor.Find(1));
    }

    [Fact]
    public async Task When_it_is_off_what_is_returned_means_nothing()
    {
        _use = VerdictUse.Off;
        Assert.True(await DeliverAsync("delete"));
        Assert.Equal("call 1,keyword:OnSuccess", string.Join(',', _done));
    }

    [Theory]
    [InlineData("seen; copy:B; move:A", "seen again,copy:B again,move:A again")]
    [InlineData("poison:no", "raw,poison,delete again")]
    public async Task A_process_that_dies_before_the_action_does_not_call_again(string verdict, string done)
    {
        _dies = true;
        Assert.False(await DeliverAsync(verdict));
        Assert.Equal("call 1,flush", string.Join(',', _done));
        NextOwner();
        Assert.True(await DeliverAsync());
        Assert.Equal(done, string.Join(',', _done));
        Assert.Equal(verdict.StartsWith("poison", StringComparison.Ordinal) ? "no" : null, _poisoned?.Error);
    }

    /// <summary>A message that could not be copied must not be deleted.</summary>
    [Fact]
    public async Task What_comes_after_a_refusal_is_not_done()
    {
        _refused = "copy:B";
        Assert.True(await DeliverAsync("seen; copy:B; delete"));
        Assert.Equal("call 1,flush,seen,copy:B", string.Join(',', _done));
    }

    [Fact]
    public async Task A_refusal_that_was_told_before_stops_it_too()
    {
        _refused = "";
        Assert.True(await DeliverAsync("copy:B; delete"));
        Assert.Equal("call 1,flush,copy:B", string.Join(',', _done));
    }

    [Fact]
    public async Task A_value_that_is_none_is_a_failed_attempt()
    {
        using var slots = new SemaphoreSlim(0);
        var delivering = DeliverAsync(slots, "Invoice", "seen");
        await _time.PassUntilAsync(() => slots.CurrentCount == 1);
        await slots.WaitAsync(Token);
        slots.Release();
        await _time.PassUntilAsync(() => delivering.IsCompleted);
        Assert.Equal("call 1,flush,call 2,flush,seen", string.Join(',', _done));
    }

    [Fact]
    public async Task Or_it_is_ignored_by_choice()
    {
        _use = VerdictUse.Ignore;
        Assert.True(await DeliverAsync("Invoice"));
        Assert.Equal("call 1,keyword:OnSuccess", string.Join(',', _done));
    }

    [Fact]
    public async Task What_is_wanted_later_waits_without_a_slot_durably_and_counts_for_nothing()
    {
        using var slots = new SemaphoreSlim(0);
        var delivering = DeliverAsync(slots, "retryAfter:00:10:00", "retryAfter:00:01:00", "seen");
        await _time.PassUntilAsync(() => _waits.Count == 1);
        Assert.Equal((1, "call 1,flush"), (slots.CurrentCount, string.Join(',', _done)));
        Assert.Equal(0, _cursor.Find(1)!.Attempts);
        await _time.PassAsync(TimeSpan.FromMinutes(9.5));
        Assert.Equal(2, _done.Count);
        await _time.PassUntilAsync(() => _done.Count > 2);
        await _time.PassUntilAsync(() => delivering.IsCompleted);
        Assert.Equal("call 1,flush,call 1,flush,call 1,flush,seen", string.Join(',', _done));
        Assert.Equal([true, false, true, false], _waits);
    }

    /// <summary>As many again as may be open; beyond that they take room, so that neither the record nor the memory grows without end.</summary>
    [Fact]
    public async Task What_waits_holds_up_no_other_message_but_not_without_end()
    {
        const int Most = 2;
        for (var i = 0; i < 3; i++)
            _returns.Enqueue("retryAfter:01:00:00");
        await using var pump = new DeliveryPump(_cursor, this, this, NewDelivery(), new DeliveryOptions(1, 3) { MaxOpen = Most });
        var running = pump.RunAsync(_stopping.Token);
        for (uint uid = 2; uid <= 4; uid++)
        {
            pump.Enqueue([Message with { Uid = uid }], careful: false);
            await _time.PassUntilAsync(() => _cursor.Find(uid)?.NotBefore is not null && pump.Room == (uid < 4 ? Most : Most - 1));
        }

        await _stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task It_waits_on_after_a_restart()
    {
        using (var slots = new SemaphoreSlim(0))
        {
            var delivering = DeliverAsync(slots, "retryAfter:00:10:00");
            await _time.PassUntilAsync(() => _waits.Count == 1);
            await _stopping.CancelAsync();
            Assert.False(await delivering);
        }

        NextOwner();
        using var free = new SemaphoreSlim(0);
        var again = DeliverAsync(free, "seen");
        Assert.Equal(1, free.CurrentCount);
        await _time.PassAsync(TimeSpan.FromMinutes(9.5));
        Assert.Empty(_done);
        await _time.PassUntilAsync(() => again.IsCompleted);
        Assert.Equal("call 1,flush,seen", string.Join(',', _done));
    }

    [Fact]
    public async Task Where_it_counts_the_last_attempt_puts_the_message_aside()
    {
        using var slots = new SemaphoreSlim(0);
        var later = """{"retryAfter":"00:00:05","counts":true,"reason":"no answer"}""";
        var delivering = DeliverAsync(slots, later, later, later);
        await _time.PassUntilAsync(() => delivering.IsCompleted);
        // On record when it is wanted later, and before each attempt but the first.
        Assert.Equal("call 1,flush,flush,call 2,flush,flush,call 3,flush,raw,poison,delete again", string.Join(',', _done));
        Assert.Equal("no answer", _poisoned!.Error);
    }

    public void Dispose()
    {
        _calls.Dispose();
        _stopping.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    /// <summary>Dies when the record is written: all that comes later happens in nobody's name.</summary>
    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken)
    {
        _done.Add("flush");
        IsHeld &= !_dies;
        return Task.FromResult(IsHeld);
    }

    Task<FunctionResult> ITriggeredFunctionExecutor.TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        var delivery = (ImapDelivery)input.TriggerValue;
        _done.Add($"call {delivery.Event.Attempt}");
        delivery.Returned = _returns.Dequeue();
        return Task.FromResult(new FunctionResult(true));
    }

    Task<byte[]?> IMailboxAccess.ReadRawAsync(uint uid, CancellationToken cancellationToken)
    {
        _done.Add("raw");
        return Task.FromResult<byte[]?>([1]);
    }

    Task<string?> IMailboxAccess.ApplyAsync(uint uid, AfterAction action, bool again, CancellationToken cancellationToken)
    {
        _done.Add(again ? $"{action} again" : action.ToString());
        return Task.FromResult(_refused == "" || _refused == action.ToString() ? _refused : null);
    }

    string IPoisonStore.PathOf(PoisonRecord record) => record.Name;

    Task<StoreAnswer> IPoisonStore.PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken)
    {
        _poisoned = record;
        _done.Add("poison");
        return Task.FromResult(StoreAnswer.Done);
    }

    Task<StoreAnswer<IReadOnlyList<string>>> IPoisonStore.ListReplaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<PoisonRecord>> IPoisonStore.ReadReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.TakeReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<byte[]>> IPoisonStore.ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Begins with what is on record, as text and back.</summary>
    private void NextOwner()
    {
        var state = PartitionState.Empty with { Mailboxes = PartitionState.Empty.Mailboxes.Add("m", _cursor.Snapshot()) };
        _cursor = new CursorTracker(PartitionJson.Read(RecordText.Whole(state), out _)!.Mailboxes["m"], _time);
        (_dies, IsHeld) = (false, true);
        _done.Clear();
    }

    private async Task<bool> DeliverAsync(params object?[] returns)
    {
        using var slots = new SemaphoreSlim(0);
        return await DeliverAsync(slots, returns ?? [null]);
    }

    private Task<bool> DeliverAsync(SemaphoreSlim slots, params object?[] returns)
    {
        foreach (var value in returns)
            _returns.Enqueue(value);
        var stopping = _stopping.IsCancellationRequested ? Token : _stopping.Token;
        return NewDelivery().RunAsync(new CursorRecord(Message, careful: false, _cursor, this, this, _ => { }) { Waiting = _waits.Add }, slots, stopping);
    }

    private EventDelivery NewDelivery()
    {
        var actions = new AfterActions(new AfterAction(AfterActionKind.Keyword, "OnSuccess"), new AfterAction(AfterActionKind.Delete)) { Verdicts = _use };
        var settlement = new Settlement("m", "f", actions, this, this, this, _time, NullLogger.Instance);
        return new EventDelivery("m", new FunctionCall("f", this, _calls, default), settlement, this, new DeliveryOptions(1, 3), _time, NullLogger.Instance);
    }
}
