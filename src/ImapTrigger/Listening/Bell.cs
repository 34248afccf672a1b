using System.Threading.Channels;

namespace ImapTrigger.Listening;

/// <summary>Wakes the one loop that waits; rung many times before it wakes, it has rung once.</summary>
internal sealed class Bell
{
    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Ring() => _rung.Writer.TryWrite(true);

    /// <summary>Whether it has rung since it was last silenced.</summary>
    public bool HasRung => _rung.Reader.TryPeek(out _);

    public void Silence() => _rung.Reader.TryRead(out _);

    public Task WaitAsync(CancellationToken cancellationToken) => _rung.Reader.WaitToReadAsync(cancellationToken).AsTask();
}
