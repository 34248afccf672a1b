using ImapTrigger.Diagnostics;
using ImapTrigger.Filtering;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Delivery;

/// <summary>A function's filter: says which messages it is not called with, and counts them.</summary>
/// <param name="filter">The filter; null lets everything pass.</param>
/// <param name="function">The function.</param>
/// <param name="mailbox">The mailbox, for people.</param>
/// <param name="logger">Where to tell.</param>
internal sealed class Sieve(Filter? filter, string function, string mailbox, ILogger logger)
{
    public bool Passes(ImapEvent message)
    {
        if (filter is null || filter.Passes(message))
            return true;
        Metrics.Filtered.Add(1, Metrics.Function(function));
        logger.Filtered(function, mailbox, message.Uid);
        return false;
    }
}
