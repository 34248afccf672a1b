using ImapTrigger.Delivery;

namespace ImapTrigger.Listening;

/// <summary>
/// How long calls may go on when their partition ends here: no lease lives longer than who uses it. At a stop the listener decides. When ownership is lost, calls are
/// cancelled at once; when the partition is handed over, they may finish, but not for ever. What does not end then is abandoned.
/// </summary>
internal sealed class CallPatience : IDisposable
{
    private readonly CancellationTokenSource _cancelled;
    private readonly CancellationTokenSource _abandoned;
    private readonly CancellationTokenRegistration[] _registrations;

    /// <param name="grace">From cancelled to abandoned.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">What the listener says at a stop.</param>
    /// <param name="stopping">Whether it is a stop.</param>
    /// <param name="lost">Ownership is lost.</param>
    /// <param name="ending">The partition ends here, for whatever reason.</param>
    public CallPatience(TimeSpan grace, TimeProvider time, CallTokens stop, CancellationToken stopping, CancellationToken lost, CancellationToken ending)
    {
        _cancelled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _abandoned = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Tokens = new CallTokens(_cancelled.Token, _abandoned.Token);
        _registrations =
        [
            stop.Cancelled.Register(_cancelled.Cancel),
            stop.Abandoned.Register(_abandoned.Cancel),
            lost.Register(() => EndAfter(TimeSpan.Zero, grace)),
            ending.Register(() =>
            {
                if (!stopping.IsCancellationRequested && !lost.IsCancellationRequested)
                    EndAfter(RunningCalls.Long, grace);
            }),
        ];
    }

    public CallTokens Tokens { get; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _cancelled.Dispose();
        _abandoned.Dispose();
    }

    private void EndAfter(TimeSpan patience, TimeSpan grace)
    {
        _cancelled.CancelAfter(patience);
        _abandoned.CancelAfter(patience + grace);
    }
}
