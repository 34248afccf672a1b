namespace ImapTrigger.Supervision;

/// <summary>
/// Keeps the thread pool answering while a listener runs, whatever blocks there: renewals, deadlines and IMAP go on in it, beside functions and the rest of the app. When a question
/// to the pool is not answered within a second, there are as many threads more as work waits; the pool by itself would add one or two a second.
/// </summary>
internal sealed class PoolGuard
{
    private const int MostAtOnce = 64;
    private const int MostInAll = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);
    private static readonly object Gate = new();
    private static int _users;
    private static bool _runs;

    /// <summary>One thread for the process, as long as somebody uses it.</summary>
    public static IDisposable Begin()
    {
        lock (Gate)
        {
            _users++;
            if (!_runs)
                new Thread(Run) { IsBackground = true, Name = "ImapTrigger pool guard" }.UnsafeStart();
            _runs = true;
        }

        return new User();
    }

    private static void Run()
    {
        ThreadPool.GetMinThreads(out var usual, out _);
        var raised = usual;
        for (var calm = TimeSpan.Zero; ; calm += Interval)
        {
            var answered = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(static answered => answered.Set(), answered, preferLocal: false);
            while (!answered.Wait(Interval))
            {
                raised = AtLeast(Math.Max(raised, ThreadPool.ThreadCount + (int)Math.Clamp(ThreadPool.PendingWorkItemCount, 1, MostAtOnce)));
                calm = TimeSpan.Zero;
            }

            // What is too many ends by itself.
            if (raised > usual && calm > Calm)
                raised = AtLeast(usual);
            lock (Gate)
            {
                if (_users > 0)
                    Monitor.Wait(Gate, Interval);
                if (_users > 0)
                    continue;
                _runs = false;
                return;
            }
        }
    }

    private static int AtLeast(int threads)
    {
        ThreadPool.GetMinThreads(out _, out var io);
        threads = Math.Min(threads, MostInAll);
        ThreadPool.SetMinThreads(threads, io);
        return threads;
    }

    private sealed class User : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
                return;
            lock (Gate)
            {
                _users--;
                Monitor.PulseAll(Gate);
            }
        }
    }
}
