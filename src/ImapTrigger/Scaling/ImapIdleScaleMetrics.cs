using Microsoft.Azure.WebJobs.Host.Scale;

namespace ImapTrigger.Scaling;

/// <summary>A sample of the scale monitor.</summary>
public sealed class ImapIdleScaleMetrics : ScaleMetrics
{
    /// <summary>The function's mailboxes.</summary>
    public int Mailboxes { get; set; }

    /// <summary>Messages taken up and not settled.</summary>
    public long Open { get; set; }

    /// <summary>The instances needed for that.</summary>
    public int Target { get; set; }
}
