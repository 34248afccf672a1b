using System.Collections.Concurrent;
using System.Globalization;
using ImapTrigger.Delivery;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>All that a delivery deals with: the function, the cursor and its record, the store of the poisoned, the mailbox. Each step is kept; a test says how it ends.</summary>
internal sealed class DeliveryDesk : ICursorLog, ITriggeredFunctionExecutor, IPoisonStore, IMailboxAccess, IDisposable
{
    private readonly ConcurrentQueue<string> _steps = new();
    private readonly RunningCalls _calls;

    public DeliveryDesk()
    {
        Cursor = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 0 }, Time);
        _calls = new RunningCalls("f", Time, Log);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public LogLines Log { get; } = new();

    public CursorTracker Cursor { get; }

    /// <summary>What was put on record last.</summary>
    public MailboxCursor? Recorded { get; private set; }

    /// <summary>What was put aside.</summary>
    public PoisonRecord? Poison { get; private set; }

    public byte[]? PoisonRaw { get; private set; }

    public AfterActions Actions { get; set; } = new(AfterAction.None, AfterAction.None);

    /// <summary>What a call does.</summary>
    public Func<TriggeredFunctionData, CancellationToken, Task<FunctionResult>> Function { get; set; } = (_, _) => Task.FromResult(new FunctionResult(true));

    public Func<Task<byte[]?>> Raw { get; set; } = () => Task.FromResult<byte[]?>([1, 2]);

    /// <summary>Why the server refuses an action.</summary>
    public string? Refusal { get; set; }

    public Func<StoreAnswer> PoisonAnswers { get; set; } = () => StoreAnswer.Done;

    public Func<StoreAnswer> ReturnAnswers { get; set; } = () => StoreAnswer.Done;

    public StoreAnswer<byte[]> StoredRaw { get; set; } = new(StoreOutcome.Done, [7]);

    public bool Flushes { get; set; } = true;

    public bool IsHeld { get; set; } = true;

    public CancellationToken Lost { get; set; }

    public CallTokens Tokens { get; set; }

    public string Steps => string.Join(',', _steps);

    public static ImapEvent Message(uint uid) => new() { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = uid };

    public FunctionCall NewCall() => new("f", this, _calls, Tokens);

    public Settlement NewSettlement() => new("m", "f", Actions, this, this, this, Time, Log);

    public EventDelivery NewDelivery(DeliveryOptions options) => new("m", NewCall(), NewSettlement(), this, options, Time, Log);

    /// <summary>A message that is open in the cursor.</summary>
    public CursorRecord Open(uint uid, bool careful = false, Exception? undeliverable = null)
    {
        Cursor.Take(Message(uid));
        return new CursorRecord(Message(uid), careful, Cursor, this, this, missed => Do($"missed {missed}")) { Undeliverable = undeliverable };
    }

    public void Dispose() => _calls.Dispose();

    public void Put(MailboxCursor cursor) => Recorded = cursor;

    public ValueTask<bool> KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        Do("flush");
        return Task.FromResult(Flushes);
    }

    public Task<FunctionResult> TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        var message = ((ImapDelivery)input.TriggerValue).Event;
        Do(string.Create(CultureInfo.InvariantCulture, $"call {message.Uid}/{message.Attempt}"));
        return Function(input, cancellationToken);
    }

    public Task<byte[]?> ReadRawAsync(uint uid, CancellationToken cancellationToken)
    {
        Do($"raw {uid}");
        return Raw();
    }

    public Task<string?> ApplyAsync(uint uid, AfterAction action, bool again, CancellationToken cancellationToken)
    {
        Do($"{action} {uid}{(again ? " again" : "")}");
        return Task.FromResult(Refusal);
    }

    public string PathOf(PoisonRecord record) => $"poison/{record.Name}";

    public Task<StoreAnswer> PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken)
    {
        Do("put aside");
        (Poison, PoisonRaw) = (record, raw);
        return Task.FromResult(PoisonAnswers());
    }

    public Task<StoreAnswer> TakeReplayAsync(string name, CancellationToken cancellationToken)
    {
        Do($"take {name}");
        return Task.FromResult(StoreAnswer.Done);
    }

    public Task<StoreAnswer> ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken)
    {
        Do($"return {name}");
        return Task.FromResult(ReturnAnswers());
    }

    public Task<StoreAnswer<byte[]>> ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => Task.FromResult(StoredRaw);

    public Task<StoreAnswer> RemoveAsync(PoisonRecord record, CancellationToken cancellationToken)
    {
        Do("remove");
        return Task.FromResult(StoreAnswer.Done);
    }

    public Task<StoreAnswer<IReadOnlyList<string>>> ListReplaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoreAnswer<PoisonRecord>> ReadReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    private void Do(string step) => _steps.Enqueue(step);
}
