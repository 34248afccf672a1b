namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Something has changed: whoever waits looks again.</summary>
internal sealed class Signal
{
    /// <summary>Only so that a test that fails ends at all.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1.5);

    private TaskCompletionSource _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Raise() => Interlocked.Exchange(ref _raised, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public async Task WaitForAsync(Func<bool> condition, Func<string> what, TimeSpan? longest = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(longest ?? Limit);
        while (true)
        {
            var raised = Volatile.Read(ref _raised).Task;
            if (condition())
                return;
            try
            {
                await raised.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Within {longest ?? Limit} there was not {what()}");
            }
        }
    }
}
