using ImapTrigger.Delivery;
using ImapTrigger.Supervision;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>One event, from its first attempt until it is settled.</summary>
public sealed class EventDeliveryTests : IDisposable
{
    private static readonly FunctionResult Failure = new(new InvalidOperationException("No."));
    private readonly DeliveryDesk _desk = new();
    private readonly SemaphoreSlim _slots = new(0);
    private readonly CancellationTokenSource _stopping = new();

    [Fact]
    public async Task What_fails_is_called_again_after_a_pause_that_doubles_and_put_aside_after_the_last_attempt()
    {
        _desk.Function = (_, _) => Task.FromResult(Failure);
        var running = RunAsync(_desk.Open(1));
        await _desk.Time.PassUntilAsync(() => _desk.Log.CountOf(401) == 1);
        await _desk.Time.PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("call 1/1", _desk.Steps);
        Assert.Equal(1, _slots.CurrentCount);
        await PassAndTakeAsync(TimeSpan.FromSeconds(4));
        Assert.Equal("call 1/1,flush,call 1/2", _desk.Steps);
        await _desk.Time.PassAsync(TimeSpan.FromSeconds(3.5));
        Assert.Equal("call 1/1,flush,call 1/2", _desk.Steps);
        await PassAndTakeAsync(TimeSpan.FromSeconds(9));
        Assert.True(await running);
        Assert.Equal("call 1/1,flush,call 1/2,flush,call 1/3,raw 1,put aside", _desk.Steps);
        Assert.Null(_desk.Cursor.Find(1));
        // The last one is said by its own line.
        Assert.Equal((2, 1, 1), (_desk.Log.CountOf(401), _desk.Log.CountOf(404), _desk.Log.CountOf(408)));
        Assert.Equal(1, _slots.CurrentCount);
    }

    [Fact]
    public async Task A_success_is_said_and_settled()
    {
        Assert.True(await RunAsync(_desk.Open(1)));
        Assert.Equal("call 1/1", _desk.Steps);
        Assert.Equal((1, 1), (_desk.Log.CountOf(400), _desk.Log.CountOf(408)));
        Assert.Empty(_desk.Recorded!.Open);
        Assert.Equal(1, _slots.CurrentCount);
    }

    [Fact]
    public async Task What_has_succeeded_before_is_not_called_again()
    {
        _desk.Actions = new AfterActions(new AfterAction(AfterActionKind.Seen), AfterAction.None);
        var record = _desk.Open(1);
        record.MarkDone();
        Assert.True(_desk.Recorded!.Open[1].Done);
        Assert.True(await RunAsync(record));
        Assert.Equal("seen 1 again", _desk.Steps);
        Assert.Equal(1, _slots.CurrentCount);
    }

    [Fact]
    public async Task What_ended_the_process_each_time_is_put_aside_without_another_call()
    {
        var record = _desk.Open(1);
        for (var attempt = 0; attempt < 3; attempt++)
            _desk.Cursor.Begin(1);
        Assert.True(await RunAsync(record));
        Assert.Equal("raw 1,put aside", _desk.Steps);
        Assert.Equal("The process ended during every attempt.", _desk.Poison!.Error);
    }

    [Fact]
    public async Task What_cannot_be_had_is_put_aside_without_a_call_and_says_why()
    {
        Assert.True(await RunAsync(_desk.Open(1, undeliverable: new IOException("It breaks the connection."))));
        Assert.Equal("raw 1,put aside", _desk.Steps);
        Assert.Contains("It breaks the connection.", _desk.Poison!.Error, StringComparison.Ordinal);
    }

    /// <summary>Law 13: it is open, and who looks at the mailbox decides.</summary>
    [Fact]
    public async Task What_is_not_there_to_be_read_is_not_decided_here()
    {
        _desk.Function = (_, _) => Task.FromResult(new FunctionResult(new InvalidOperationException("No.", new MessageGoneException(DeliveryDesk.Message(1)))));
        Assert.True(await RunAsync(_desk.Open(1)));
        Assert.Equal("call 1/1,missed 1", _desk.Steps);
        Assert.NotNull(_desk.Cursor.Find(1));
        Assert.Equal((1, 0), (_desk.Log.CountOf(402), _desk.Log.CountOf(408)));
    }

    [Fact]
    public async Task An_attempt_that_we_have_cancelled_counts_for_nothing()
    {
        using var cancelling = new CancellationTokenSource();
        _desk.Tokens = new CallTokens(cancelling.Token, CancellationToken.None);
        _desk.Function = async (_, _) =>
        {
            await cancelling.CancelAsync();
            return Failure;
        };
        Assert.False(await RunAsync(_desk.Open(1)));
        Assert.Equal(0, _desk.Recorded!.Open[1].Attempts);
        Assert.Equal((1, 0), (_desk.Log.CountOf(403), _desk.Log.CountOf(401)));
    }

    [Fact]
    public async Task An_attempt_that_cannot_be_put_on_record_is_not_begun()
    {
        _desk.Flushes = false;
        Assert.False(await RunAsync(_desk.Open(1, careful: true)));
        Assert.Equal("flush", _desk.Steps);
        // As it may have been written all the same.
        Assert.Equal(1, _desk.Recorded!.Open[1].Attempts);
    }

    [Fact]
    public async Task A_stop_ends_the_pause_before_the_next_attempt()
    {
        _desk.Function = (_, _) => Task.FromResult(Failure);
        var running = RunAsync(_desk.Open(1));
        await _desk.Time.PassUntilAsync(() => _desk.Log.CountOf(401) == 1);
        await _stopping.CancelAsync();
        Assert.False(await running);
        Assert.Equal("call 1/1", _desk.Steps);
        Assert.Equal(1, _slots.CurrentCount);
    }

    /// <summary>Law 11.</summary>
    [Fact]
    public async Task A_defect_of_ours_is_said_and_it_begins_anew()
    {
        _desk.Log.Fails = eventId => eventId == 400;
        var running = RunAsync(_desk.Open(1));
        await _desk.Time.PassUntilAsync(() => _desk.Log.CountOf(407) == 1);
        Assert.Equal(1, _slots.CurrentCount);
        _desk.Log.Fails = _ => false;
        // Others may have taken its place meanwhile.
        await _slots.WaitAsync(TestContext.Current.CancellationToken);
        await _desk.Time.PassAsync(TimeSpan.FromSeconds(7));
        Assert.Equal("call 1/1", _desk.Steps);
        _slots.Release();
        Assert.True(await running);
        Assert.Equal("call 1/1,flush,call 1/2", _desk.Steps);
        Assert.Equal(LogLevel.Error, _desk.Log.All.Single(line => line.EventId == 407).Level);
    }

    public void Dispose()
    {
        _desk.Dispose();
        _slots.Dispose();
        _stopping.Dispose();
    }

    private Task<bool> RunAsync(CursorRecord record) =>
        _desk.NewDelivery(new DeliveryOptions(1, 3) { Retry = new Backoff(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10)) }).RunAsync(record, _slots, _stopping.Token);

    /// <summary>After the pause it waits for the slot that it gave back; then it runs as far as it gets.</summary>
    private async Task PassAndTakeAsync(TimeSpan span)
    {
        var log = _desk.Log.All.Count;
        await _desk.Time.PassAsync(span);
        await _desk.Time.PassUntilAsync(() => _desk.Log.All.Count > log);
    }
}
