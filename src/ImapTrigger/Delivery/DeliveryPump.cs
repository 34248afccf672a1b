using System.Collections.Concurrent;
using System.Threading.Channels;
using ImapTrigger.Diagnostics;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>
/// Calls the function for one mailbox's events: begun in order of UID, so many at once, and each again with back-off until it is settled.
/// An event that waits for its next attempt does not hold up the others.
/// </summary>
internal sealed class DeliveryPump : IDisposable
{
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));

    private readonly Channel<ImapEvent> _queue = Channel.CreateUnbounded<ImapEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<uint, Task> _running = new();
    private readonly SemaphoreSlim _slots;
    private readonly CursorTracker _cursor;
    private readonly ICursorLog _log;
    private readonly FunctionCall _call;
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _open;

    public DeliveryPump(CursorTracker cursor, ICursorLog log, FunctionCall call, DeliveryOptions options, TimeProvider time, ILogger logger)
    {
        _cursor = cursor;
        _log = log;
        _call = call;
        _options = options;
        _time = time;
        _logger = logger;
        _slots = new SemaphoreSlim(options.MaxConcurrentCalls);
    }

    /// <summary>Raised when an event has been settled: there may be room again.</summary>
    public event Action? Settled;

    /// <summary>How many more events may be enqueued.</summary>
    public int Room => Math.Max(0, _options.MaxOpen - Volatile.Read(ref _open));

    /// <summary>Takes up events in rising order of UID: from here on they are open until they are settled.</summary>
    public void Enqueue(IReadOnlyList<ImapEvent> messages)
    {
        Interlocked.Add(ref _open, messages.Count);
        foreach (var message in messages)
        {
            _cursor.Take(message.Uid);
            _queue.Writer.TryWrite(message);
        }

        _log.Put(_cursor.Snapshot());
    }

    /// <summary>Runs until stopping: then nothing more is begun, and it returns when the calls that run have ended.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(stopping))
            {
                await _slots.WaitAsync(stopping);
                // On the pool: a function that blocks its thread must not hold up the next.
                var delivery = _running[message.Uid] = Task.Run(() => DeliverAsync(message, stopping), CancellationToken.None);
                // It may have ended, and removed itself, before it was entered.
                if (delivery.IsCompleted)
                    _running.TryRemove(message.Uid, out _);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whatever waits in the queue stays open in the cursor.
        }

        await Task.WhenAll(_running.Values);
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>From the first attempt, for which a slot is held, until the event is settled or we stop.</summary>
    private async Task DeliverAsync(ImapEvent message, CancellationToken stopping)
    {
        for (var settled = false; !settled;)
        {
            int attempt;
            try
            {
                attempt = _cursor.Begin(message.Uid);
                _log.Put(_cursor.Snapshot());
                // A repeated attempt is on record before it begins, so that a crash in it counts.
                if (attempt > 1 && !await _log.FlushAsync(stopping))
                    return;
                settled = await AttemptAsync(message with { Attempt = attempt });
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                _slots.Release();
            }

            if (settled || stopping.IsCancellationRequested || !await WaitForNextAsync(attempt, stopping))
                break;
        }

        _running.TryRemove(message.Uid, out _);
    }

    private async Task<bool> AttemptAsync(ImapEvent message)
    {
        var result = await _call.InvokeAsync(message);
        switch (result.Outcome)
        {
            case CallOutcome.Succeeded:
                _logger.Delivered(_call.Function, message.Uid, message.Attempt);
                break;
            case CallOutcome.MessageGone:
                _logger.MessageGone(_call.Function, message.Uid);
                break;
            case CallOutcome.Abandoned:
                _logger.DeliveryAbandoned(_call.Function, message.Uid);
                return false;
            case CallOutcome.Failed:
                _logger.DeliveryFailed(_call.Function, message.Uid, message.Attempt, result.Exception);
                return false;
        }

        // Law 4: what ended after ownership was lost is not ours to settle.
        if (_log.Lost.IsCancellationRequested)
            return false;
        _cursor.Settle(message.Uid);
        _log.Put(_cursor.Snapshot());
        Interlocked.Decrement(ref _open);
        Settled?.Invoke();
        return true;
    }

    private async Task<bool> WaitForNextAsync(int attempt, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(Retry.After(attempt), _time, stopping);
            await _slots.WaitAsync(stopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
