using ImapTrigger.Delivery;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>A function may block the thread that was left to it; nobody else waits for that.</summary>
public sealed class SpareThreadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_left_its_thread_goes_on_while_the_call_blocks_it()
    {
        using var ends = new ManualResetEventSlim();
        var begun = new TaskCompletionSource<(Task<int> Call, int Thread)>();
        var called = new TaskCompletionSource<int>();
        var loop = Task.Run(async () =>
        {
            await Task.Yield();
            await SpareThread.LeaveTo(() => begun.SetResult((SpareThread.RunAsync(Block), Environment.CurrentManagedThreadId)));
        }, TestContext.Current.CancellationToken);
        try
        {
            await loop.WaitAsync(Limit, TestContext.Current.CancellationToken);
            var (call, thread) = await begun.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
            Assert.Equal(thread, await called.Task.WaitAsync(Limit, TestContext.Current.CancellationToken));
            Assert.False(call.IsCompleted);
            ends.Set();
            Assert.Equal(1, await call.WaitAsync(Limit, TestContext.Current.CancellationToken));
        }
        finally
        {
            ends.Set();
        }

        Task<int> Block()
        {
            called.SetResult(Environment.CurrentManagedThreadId);
            ends.Wait();
            return Task.FromResult(1);
        }
    }

    [Fact]
    public async Task One_call_gets_the_thread_and_not_before_what_began_it_has_returned()
    {
        var returned = false;
        var begun = new TaskCompletionSource<(Task<bool> First, int Second, int Thread)>();
        await Task.Yield();
        await SpareThread.LeaveTo(() =>
        {
            var first = SpareThread.RunAsync(() => Task.FromResult(returned));
            var second = SpareThread.RunAsync(() => Task.FromResult(Environment.CurrentManagedThreadId)).GetAwaiter().GetResult();
            returned = true;
            begun.SetResult((first, second, Environment.CurrentManagedThreadId));
        });
        var (first, second, thread) = await begun.Task;
        Assert.True(await first);
        Assert.NotEqual(thread, second);
    }

    [Fact]
    public async Task A_call_without_a_thread_that_was_left_has_one_of_its_own()
    {
        using var ends = new ManualResetEventSlim();
        var call = SpareThread.RunAsync(() =>
        {
            ends.Wait();
            return Task.FromResult(1);
        });
        Assert.False(call.IsCompleted);
        ends.Set();
        Assert.Equal(1, await call);
    }
}
