using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class UidRangeTests
{
    [Theory]
    [InlineData(7, 7, "7", 1)]
    [InlineData(7, 9, "7:9", 3)]
    [InlineData(7, uint.MaxValue, "7:*", uint.MaxValue - 6L)]
    [InlineData(uint.MaxValue, uint.MaxValue, "4294967295:*", 1)]
    public void It_is_written_as_the_protocol_does(uint from, uint to, string text, long count)
    {
        Assert.Equal(text, new UidRange(from, to).ToString());
        Assert.Equal(count, new UidRange(from, to).Count);
    }

    [Fact]
    public void Both_ends_lie_in_it()
    {
        var range = new UidRange(7, 9);
        Assert.Equal([false, true, true, true, false], new uint[] { 6, 7, 8, 9, 10 }.Select(range.Contains));
        Assert.Equal([7u, 8u, 9u], range.Uids());
        Assert.Equal([uint.MaxValue], new UidRange(uint.MaxValue, uint.MaxValue).Uids());
    }

    [Fact]
    public void Above_the_highest_there_is_nothing_but_itself()
    {
        Assert.Equal(new UidRange(8, uint.MaxValue), UidRange.Above(7));
        Assert.Equal(new UidRange(uint.MaxValue, uint.MaxValue), UidRange.Above(uint.MaxValue));
    }

    [Fact]
    public void What_lies_in_both()
    {
        Assert.Equal(new UidRange(5, 7), new UidRange(1, 7).And(new UidRange(5, 9)));
        Assert.Equal(new UidRange(5, 7), new UidRange(5, 9).And(new UidRange(1, 7)));
    }
}
