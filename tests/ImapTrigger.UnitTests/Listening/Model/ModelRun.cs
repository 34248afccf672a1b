using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening.Model;

/// <summary>Everything between a session and a function, on a model server and a clock that goes as fast as it may: sessions, looks, pump, cursor; and crashes.</summary>
internal sealed class ModelRun : ICursorLog, ITriggeredFunctionExecutor, IPoisonStore, IMailboxAccess, IDisposable
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(9);
    private readonly MailboxSource _source = new(new ImapAccount { Host = "model", UserName = "ann" }, "INBOX");
    private readonly DeliveryOptions _options = new(4, 5);
    private readonly Random _random;
    private readonly FakeTimeProvider _time;
    private readonly bool _crashes;
    private readonly RunningCalls _calls;
    private CancellationTokenSource _stopping = new();
    private MailboxCursor _durable = new() { UidValidity = 7, LastUid = 0 };
    private MailboxCursor _put = new() { UidValidity = 7, LastUid = 0 };
    private FetchCare _care = new();
    private DeliveryLine? _line;

    public ModelRun(int seed, ModelServer server, FakeTimeProvider time, bool crashes)
    {
        _random = new Random(seed);
        Server = server;
        _time = time;
        _crashes = crashes;
        _calls = new RunningCalls("f", time, NullLogger.Instance);
    }

    public ModelServer Server { get; }

    public ConcurrentDictionary<uint, int> Delivered { get; } = new();

    public ConcurrentDictionary<uint, bool> PutAside { get; } = new();

    public MailboxCursor Cursor => _put;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld => true;

    public async Task UntilAsync(TimeSpan end)
    {
        while (Server.Now < end)
        {
            try
            {
                await SessionAsync(end);
            }
            catch (Exception e) when (e is ImapSessionException or FolderReplacedException)
            {
                if (!_care.TakeHurry())
                    _time.Advance(TimeSpan.FromSeconds(1 + _random.Next(10)));
            }

            if (_crashes && Server.Now < ModelServer.Calm && _random.Next(4) == 0)
                await CrashAsync();
        }

        await CrashAsync();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _calls.Dispose();
    }

    private async Task SessionAsync(TimeSpan end)
    {
        var session = new ModelSession(Server);
        _line ??= NewLine();
        var catchUp = new CatchUp(session, _line, _care, _source, _time, NullLogger.Instance);
        await catchUp.ResumeAsync(CancellationToken.None);
        for (var why = Wake.Start; Server.Now < end;)
        {
            var looked = _time.GetTimestamp();
            await catchUp.RunAsync(why, CancellationToken.None);
            _line.Pump.TakeHeld()?.Invoke();
            await IdleAsync();
            var due = Renewal - _time.GetElapsedTime(looked);
            var wait = catchUp.NextLook(due);
            why = wait < due ? Wake.Again : Wake.Due;
            if (Server.NextEvent is { } next && next - Server.Now < wait)
                (wait, why) = (next - Server.Now, Wake.Again);

            _time.Advance(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
            if (catchUp.HasNews)
                why = Wake.News;
            if (_crashes && Server.Now < ModelServer.Calm && _random.Next(30) == 0)
                throw ModelServer.Ended();
        }
    }

    /// <summary>Waits until nothing is being delivered.</summary>
    private async Task IdleAsync()
    {
        while (_line!.Pump.Room < _options.MaxOpen)
            await Task.Yield();
    }

    /// <summary>The process is gone, with what was not flushed; another begins from the record.</summary>
    private async Task CrashAsync()
    {
        if (_line is null)
            return;
        await _stopping.CancelAsync();
        await _line.DisposeAsync();
        _line = null;
        _stopping.Dispose();
        _stopping = new CancellationTokenSource();
        _care = new FetchCare();
        if (_random.Next(2) == 0)
            _durable = _put;
    }

    private DeliveryLine NewLine()
    {
        _put = _durable;
        var cursor = new CursorTracker(_durable, _time);
        var settlement = new Settlement("m", "f", new AfterActions(AfterAction.None, AfterAction.None), this, this, this, _time, NullLogger.Instance);
        var delivery = new EventDelivery("m", new FunctionCall("f", this, _calls, default), settlement, this, _options, _time, NullLogger.Instance);
        var pump = new DeliveryPump(cursor, this, this, delivery, _options);
        return new DeliveryLine(cursor, this, pump, pump.RunAsync, careful: _crashes, _stopping.Token);
    }

    void ICursorLog.Put(MailboxCursor cursor) => _put = cursor;

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken)
    {
        _durable = _put;
        return Task.FromResult(true);
    }

    Task<FunctionResult> ITriggeredFunctionExecutor.TryExecuteAsync(TriggeredFunctionData input, CancellationToken cancellationToken)
    {
        Delivered.AddOrUpdate(((ImapDelivery)input.TriggerValue).Event.Uid, 1, (_, calls) => calls + 1);
        return Task.FromResult(new FunctionResult(true));
    }

    Task<byte[]?> IMailboxAccess.ReadRawAsync(uint uid, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    Task<string?> IMailboxAccess.ApplyAsync(uint uid, AfterAction action, bool again, CancellationToken cancellationToken) => throw new NotSupportedException();

    string IPoisonStore.PathOf(PoisonRecord record) => record.Name;

    Task<StoreAnswer> IPoisonStore.PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken)
    {
        PutAside[record.Event.Uid] = true;
        return Task.FromResult(StoreAnswer.Done);
    }

    Task<StoreAnswer<IReadOnlyList<string>>> IPoisonStore.ListReplaysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<PoisonRecord>> IPoisonStore.ReadReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.TakeReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<byte[]>> IPoisonStore.ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();
}
