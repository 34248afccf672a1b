using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>
/// How a record grows in the store: a first segment that has all of it, then segments with what has changed since. When there are many of about one size, the next
/// write puts them together; so what a message costs grows with the logarithm of the record, and the record is never more than about twice what it says. Immutable.
/// </summary>
internal sealed class RecordSegments
{
    /// <summary>So many segments of about one size become one.</summary>
    private const int Together = 8;

    /// <summary>Up to this a record is written whole.</summary>
    public const int Small = 8 * 1024;

    private readonly PartitionState? _written;
    private readonly ImmutableList<Segment> _segments;

    private RecordSegments(PartitionState? written, ImmutableList<Segment> segments)
    {
        _written = written;
        _segments = segments;
    }

    /// <summary>Nobody knows what lies in the store: the next write is whole.</summary>
    public static RecordSegments Unknown { get; } = new(written: null, []);

    public int Count => _segments.Count;

    /// <summary>What is to be written so that a state is on record: after those segments that are kept, one with this text.</summary>
    public Write Next(PartitionState state)
    {
        if (_written is null || _segments.Sum(segment => segment.Size) is var size && (size <= Small || size - _segments[0].Size > Math.Max(_segments[0].Size, Small)))
            return Then(state, 0, changes: null);
        var next = Then(state, _segments.Count, RecordChanges.Between(_written, state));
        // What it keeps is of lower tiers the later it was written.
        while (_segments.Take(next.Kept).Reverse().TakeWhile(segment => segment.Tier <= TierOf(next.Text.Length)).Count() is >= Together - 1 and var alike)
        {
            var changes = _segments.Skip(next.Kept - alike).Take(alike).Select(segment => segment.Changes).Append(next.Changes).Aggregate((earlier, later) => later is null ? null : earlier?.And(later));
            next = Then(state, next.Kept - alike, changes);
        }

        return next;
    }

    private Write Then(PartitionState state, int kept, RecordChanges? changes)
    {
        var text = changes is null ? RecordText.Whole(state) : RecordText.Of(changes, state);
        return new Write(kept, text, changes, new RecordSegments(state, _segments.RemoveRange(kept, _segments.Count - kept).Add(new Segment(text.Length, changes))));
    }

    private static int TierOf(int size) => (int)Math.Log(Math.Max(1, size / 256.0), Together);

    /// <param name="Kept">So many segments stay before it.</param>
    /// <param name="Text">The new segment.</param>
    /// <param name="Changes">What is in it; null for all.</param>
    /// <param name="After">What there is when it is written.</param>
    internal sealed record Write(int Kept, byte[] Text, RecordChanges? Changes, RecordSegments After);

    private sealed record Segment(int Size, RecordChanges? Changes)
    {
        public int Tier { get; } = TierOf(Size);
    }
}
