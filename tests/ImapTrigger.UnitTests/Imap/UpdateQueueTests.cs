using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>A server that floods costs the oldest updates, not memory.</summary>
public sealed class UpdateQueueTests
{
    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        var queue = Queue();
        for (var i = 0; i < 25_000; i++)
            queue.Add($"* OK {i}");
        var updates = queue.Drain().OfType<RawUpdate>().ToArray();
        Assert.Equal(10_000, updates.Length);
        Assert.Equal("* OK 24999", updates[^1].Line);
        Assert.Empty(queue.Drain());
        queue.Add("* OK one more");
        Assert.Single(queue.Drain());
    }

    [Fact]
    public void Or_when_they_are_too_large_together()
    {
        var queue = Queue();
        for (var i = 0; i < 10_000; i++)
            queue.Add($"* OK {i} {new string('x', 1990)}");
        var updates = queue.Drain().OfType<RawUpdate>().ToArray();
        Assert.InRange(updates.Sum(update => (long)update.Line.Length), 3_000_000, 4_000_000);
        Assert.StartsWith("* OK 9999", updates[^1].Line, StringComparison.Ordinal);
    }

    private static UpdateQueue Queue() => new(new ServerText(new ImapAccount { Host = "h", UserName = "ann", Password = "secret" }));
}
