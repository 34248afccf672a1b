using System.Threading.Channels;

namespace ImapTrigger.Listening;

/// <summary>The replays of one mailbox that wait: what the last look has shown, and nothing of looks before.</summary>
internal sealed class ReplayQueue
{
    private readonly Channel<IReadOnlyList<string>> _offers = Channel.CreateBounded<IReadOnlyList<string>>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly Queue<string> _names = new();

    public void Offer(IReadOnlyList<string> names) => _offers.Writer.TryWrite(names);

    /// <summary>The next one; what is offered meanwhile replaces what is left of the last offer, for it is in it.</summary>
    public async Task<string> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_offers.Reader.TryRead(out var names))
            {
                _names.Clear();
                foreach (var name in names)
                    _names.Enqueue(name);
            }

            if (_names.TryDequeue(out var next))
                return next;
            await _offers.Reader.WaitToReadAsync(cancellationToken);
        }
    }
}
