using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ImapTrigger.Diagnostics;

/// <summary>How many there are now, told apart by one tag. Read when somebody measures, so it is right from whenever on one does.</summary>
internal sealed class LiveCount(string tag)
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public void Add(string value, int change) => _counts.AddOrUpdate(value, change, (_, count) => count + change);

    public IEnumerable<Measurement<int>> Read() => _counts.Select(count => new Measurement<int>(count.Value, new KeyValuePair<string, object?>(tag, count.Key)));
}
