using ImapTrigger;

namespace SampleFunctionApp;

/// <summary>What came in since the last report.</summary>
public sealed class Tally
{
    private readonly object _gate = new();
    private int _messages;
    private long _bytes;

    public void Add(ImapEvent mail)
    {
        lock (_gate)
        {
            _messages++;
            _bytes += mail.Size ?? 0;
        }
    }

    public (int Messages, long Bytes) Take()
    {
        lock (_gate)
        {
            var taken = (_messages, _bytes);
            (_messages, _bytes) = (0, 0);
            return taken;
        }
    }
}
