using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

public sealed class ReplayQueueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_last_look_has_shown_replaces_what_looks_before_have()
    {
        var queue = new ReplayQueue();
        var waiting = queue.NextAsync(Token);
        Assert.False(waiting.IsCompleted);
        queue.Offer(["a", "b", "c"]);
        Assert.Equal("a", await waiting);
        Assert.Equal("b", await queue.NextAsync(Token));
        queue.Offer(["x"]);
        queue.Offer(["c", "d"]);
        Assert.Equal("c", await queue.NextAsync(Token));
        Assert.Equal("d", await queue.NextAsync(Token));
        Assert.False(queue.NextAsync(Token).IsCompleted);
    }

    [Fact]
    public void A_bell_that_was_rung_stays_rung_until_it_is_silenced()
    {
        var bell = new Bell();
        var waiting = bell.Rung;
        bell.Silence();
        Assert.Same(waiting, bell.Rung);
        bell.Ring();
        bell.Ring();
        Assert.True(waiting.IsCompleted);
        Assert.True(bell.Rung.IsCompleted);
        bell.Silence();
        Assert.False(bell.Rung.IsCompleted);
    }
}
