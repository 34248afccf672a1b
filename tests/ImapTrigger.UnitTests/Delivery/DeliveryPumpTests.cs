using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Ownership;
using Microsoft.Azure.WebJobs.Host.Executors;

namespace ImapTrigger.UnitTests.Delivery;

public sealed class DeliveryPumpTests : IAsyncDisposable
{
    private readonly DeliveryDesk _desk = new();
    private readonly ConcurrentQueue<TaskCompletionSource<FunctionResult>> _calls = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _settled = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly DeliveryPump _pump;
    private readonly Task _running;

    public DeliveryPumpTests()
    {
        _desk.Function = (_, _) =>
        {
            var call = new TaskCompletionSource<FunctionResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _calls.Enqueue(call);
            _begun.Release();
            return call.Task;
        };
        var options = new DeliveryOptions(2, 3) { MaxOpen = 10 };
        _pump = new DeliveryPump(_desk.Cursor, _desk, _desk, _desk.NewDelivery(options), options);
        _pump.Settled += () => _settled.Release();
        _running = _pump.RunAsync(_stopping.Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task So_many_are_called_at_once_and_the_next_when_one_has_ended()
    {
        _pump.Enqueue(Messages(1, 2, 3), careful: false);
        Assert.Equal([1u, 2u, 3u], _desk.Recorded!.Open.Keys);
        await BegunAsync(2);
        Assert.Equal(7, _pump.Room);
        Assert.Equal(2, _calls.Count);
        End(new FunctionResult(true));
        await _settled.WaitAsync(Token);
        await BegunAsync(1);
        Assert.Equal(8, _pump.Room);
        End(new FunctionResult(true));
        End(new FunctionResult(true));
        await _settled.WaitAsync(Token);
        await _settled.WaitAsync(Token);
        Assert.Equal((10, 10, 3), (_pump.Room, _pump.Most, _pump.MaxAttempts));
        Assert.DoesNotContain("flush", _desk.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_one_may_have_killed_the_last_owner_each_is_on_record_before_its_call()
    {
        _pump.Enqueue(Messages(1), careful: true);
        await BegunAsync(1);
        Assert.Equal("flush,call 1/1", _desk.Steps);
    }

    [Fact]
    public void There_is_never_less_than_no_room()
    {
        _pump.Enqueue(Messages([.. Enumerable.Range(1, 12).Select(uid => (uint)uid)]), careful: false);
        Assert.Equal(0, _pump.Room);
    }

    [Fact]
    public async Task What_cannot_be_had_takes_room_until_it_is_put_aside()
    {
        _pump.Enqueue(Messages(1, 2), careful: false);
        await BegunAsync(2);
        _desk.Cursor.Take(DeliveryDesk.Message(3));
        _pump.PutAside(DeliveryDesk.Message(3), new IOException("It breaks the connection."));
        Assert.Equal(7, _pump.Room);
        End(new FunctionResult(true));
        await _settled.WaitAsync(Token);
        await _settled.WaitAsync(Token);
        Assert.Equal(9, _pump.Room);
        Assert.Contains("It breaks the connection.", _desk.Poison!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_takes_no_room_and_makes_none()
    {
        var poison = new PoisonRecord { Mailbox = "m", Function = "f", Event = DeliveryDesk.Message(1) };
        var replay = new ReplayRecord(poison, "1-1", inMailbox: true, _desk, _desk);
        _pump.Replay(replay);
        await replay.Begun.WaitAsync(Token);
        await BegunAsync(1);
        Assert.Equal(10, _pump.Room);
        End(new FunctionResult(true));
        await _desk.Time.PassUntilAsync(() => _desk.Steps == "take 1-1,call 1/1,remove");
        Assert.Equal(10, _pump.Room);
        Assert.Equal(0, _settled.CurrentCount);
    }

    [Fact]
    public async Task A_message_that_is_not_there_makes_room_and_is_told()
    {
        var missed = new TaskCompletionSource<uint>();
        _pump.Missed += missed.SetResult;
        _pump.Enqueue(Messages(1), careful: false);
        await BegunAsync(1);
        End(new FunctionResult(new MessageGoneException(DeliveryDesk.Message(1))));
        Assert.Equal(1u, await missed.Task.WaitAsync(Token));
        await _settled.WaitAsync(Token);
        Assert.Equal(10, _pump.Room);
    }

    /// <summary>Law 16.</summary>
    [Fact]
    public async Task A_delivery_that_breaks_off_breaks_the_loop_off_and_begins_with_it_anew()
    {
        var other = await BreakOffAsync();
        _desk.IsHeld = true;
        var again = _pump.RunAsync(_stopping.Token);
        await BegunAsync(1);
        Assert.EndsWith("return 1-1,call 1/2", _desk.Steps, StringComparison.Ordinal);
        End(new FunctionResult(true));
        other.SetResult(new FunctionResult(true));
        await _stopping.CancelAsync();
        await again.WaitAsync(Token);
    }

    [Fact]
    public async Task Where_the_loop_has_broken_off_the_end_waits_for_the_calls_that_run()
    {
        var other = await BreakOffAsync();
        var ending = _pump.DisposeAsync().AsTask();
        Assert.False(ending.IsCompleted);
        other.SetResult(new FunctionResult(true));
        await ending.WaitAsync(Token);
    }

    [Fact]
    public async Task A_stop_begins_nothing_more_and_waits_for_the_calls_that_run()
    {
        _pump.Enqueue(Messages(1, 2, 3), careful: false);
        await BegunAsync(2);
        await _stopping.CancelAsync();
        End(new FunctionResult(true));
        await _settled.WaitAsync(Token);
        // Turns enough to end, if it did not wait.
        for (var turns = 0; turns < 1000; turns++)
            await Task.Yield();
        Assert.False(_running.IsCompleted);
        await EndAllAsync();
        Assert.Equal([3u], _desk.Recorded!.Open.Keys);
        Assert.DoesNotContain("call 3", _desk.Steps, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await EndAllAsync();
        await _pump.DisposeAsync();
        _desk.Dispose();
        _begun.Dispose();
        _settled.Dispose();
        _stopping.Dispose();
    }

    private static ImapEvent[] Messages(params uint[] uids) => [.. uids.Select(DeliveryDesk.Message)];

    /// <summary>The loop breaks off while this call runs.</summary>
    private async Task<TaskCompletionSource<FunctionResult>> BreakOffAsync()
    {
        _desk.ReturnAnswers = () => throw new IOException("from below");
        _pump.Enqueue(Messages(2), careful: false);
        await BegunAsync(1);
        Assert.True(_calls.TryDequeue(out var other));
        _pump.Replay(new ReplayRecord(new PoisonRecord { Mailbox = "m", Function = "f", Event = DeliveryDesk.Message(1) }, "1-1", inMailbox: true, _desk, _desk));
        await BegunAsync(1);
        _desk.IsHeld = false;
        End(new FunctionResult(true));
        Assert.Equal("from below", (await Assert.ThrowsAsync<IOException>(() => _running.WaitAsync(Token))).Message);
        return other;
    }

    private async Task BegunAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
            await _begun.WaitAsync(Token);
    }

    private async Task EndAllAsync()
    {
        while (!_running.IsCompleted)
        {
            while (_calls.TryDequeue(out var call))
                call.SetResult(new FunctionResult(true));
            await Task.Yield();
        }
    }

    private void End(FunctionResult result)
    {
        Assert.True(_calls.TryDequeue(out var call));
        call.SetResult(result);
    }
}
