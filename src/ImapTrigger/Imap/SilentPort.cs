namespace ImapTrigger.Imap;

/// <summary>
/// One attempt's wait for the server's first byte. After 5 seconds it says that each side may be waiting for the other to begin, and ends nothing: an honest
/// server may be slow to greet.
/// </summary>
internal sealed class SilentPort : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ITimer _timer;
    private volatile bool _isOver;

    public SilentPort(ProtocolTap tap, Action onSilence, TimeProvider time) => _timer = time.CreateTimer(
        _ =>
        {
            if (!_isOver && !tap.HasAnswered)
                onSilence();
        },
        null,
        Patience,
        Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _isOver = true;
        _timer.Dispose();
    }
}
