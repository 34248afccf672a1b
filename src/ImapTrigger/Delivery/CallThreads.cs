namespace ImapTrigger.Delivery;

/// <summary>
/// Threads for functions: a call begins here, and goes on here after each of its awaits, so however many of them block their thread, those of the pool stay free for
/// leases, deadlines and IMAP. One for the process, as the pool is. There are as many threads as calls that block; idle ones end.
/// </summary>
internal sealed class CallThreads : TaskScheduler
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);
    private readonly object _gate = new();
    private readonly Queue<Task> _queue = new();
    private int _waiting;

    private CallThreads()
    {
    }

    public static CallThreads Shared { get; } = new();

    /// <summary>Begins it on a thread of its own.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Shared).Unwrap();

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _queue.Enqueue(task);
            if (_waiting >= _queue.Count)
            {
                Monitor.Pulse(_gate);
                return;
            }
        }

        // In the background: a call that never ends must not hold the process.
        new Thread(Run) { IsBackground = true, Name = "ImapTrigger call" }.UnsafeStart();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => Current == this && !taskWasPreviouslyQueued && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
            return [.. _queue];
    }

    private void Run()
    {
        while (TryTake() is { } task)
            TryExecuteTask(task);
    }

    /// <summary>Null when nothing has come for a while.</summary>
    private Task? TryTake()
    {
        lock (_gate)
        {
            Task? task;
            for (var woken = true; !_queue.TryDequeue(out task) && woken;)
            {
                _waiting++;
                woken = Monitor.Wait(_gate, Idle);
                _waiting--;
            }

            return task;
        }
    }
}
