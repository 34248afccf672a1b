using System.Runtime.CompilerServices;

namespace ImapTrigger.Delivery;

/// <summary>
/// A thread that is left to a function. The loop that was on it goes on on another one, and the function begins at once, at the bottom of the stack: it may block this thread, and nothing of
/// ours waits there. So a message costs no hop between its metadata and its call, and functions still share no threads with IMAP.
/// </summary>
internal static class SpareThread
{
    [ThreadStatic]
    private static Slot? current;

    /// <summary>
    /// Begins something on this thread, and whoever awaits it goes on on another. To be awaited only by a loop below which nobody waits on the stack: one that has been resumed.
    /// </summary>
    public static Leaving LeaveTo(Action begin) => new(begin);

    /// <summary>Runs a call: on this thread when it is left, as soon as what begins there has returned; else on another.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        if (current is not { Call: null } slot)
            return Task.Run(call, CancellationToken.None);
        var task = new Task<Task<T>>(call);
        slot.Call = task;
        return task.Unwrap();
    }

    public readonly struct Leaving(Action begin) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Leaving GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static continuation => continuation(), continuation, preferLocal: false);
            var slot = current = new Slot();
            try
            {
                begin();
            }
            finally
            {
                current = null;
            }

            slot.Call?.RunSynchronously(TaskScheduler.Default);
        }
    }

    private sealed class Slot
    {
        public Task? Call { get; set; }
    }
}
