using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Listening;

/// <summary>How a mailbox is watched at present, for the log and the metric; disposed with the session.</summary>
internal sealed class WatchMode(MailboxSource source, ILogger logger) : IDisposable
{
    private string? _mode;

    public void Enter(bool canIdle, bool doubted, uint lastUid)
    {
        var before = _mode;
        var mode = canIdle ? doubted ? "idle+polling" : "idle" : "polling";
        if (mode == before)
            return;
        Leave();
        _mode = mode;
        Metrics.Watched.Add(_mode, 1);
        if (before is null || !canIdle || before == "polling")
            logger.Watching(source, _mode, lastUid);
        else if (doubted)
            logger.PushDoubted(source);
        else
            logger.PushTrusted(source);
    }

    public void Dispose() => Leave();

    private void Leave()
    {
        if (_mode is not null)
            Metrics.Watched.Add(_mode, -1);
        _mode = null;
    }
}
