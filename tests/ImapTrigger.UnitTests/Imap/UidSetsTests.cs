using System.Diagnostics;
using ImapTrigger.Imap;
using MailKit;
using MailKit.Net.Imap;

namespace ImapTrigger.UnitTests.Imap;

/// <summary>Few bytes can name any number of messages; ranges stay ranges.</summary>
public sealed class UidSetsTests
{
    [Theory]
    [InlineData("7", "7")]
    [InlineData("7,8,9", "7:9")]
    [InlineData("1:3,5,9:7", "1:3,5,9,8,7")]
    [InlineData("1,2,3,99,5", "1:3,99,5")]
    [InlineData("1:200000000", "1:200000000")]
    [InlineData("1:200000000,300000000:400000000,400000007", "1:200000000,300000000:400000000,400000007")]
    public void What_can_only_be_seen_one_by_one_becomes_ranges(string set, string ranges)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = UidSets.First(Seen(set), 1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(ranges, string.Join(',', found));
    }

    [Fact]
    public void Of_many_ranges_the_first_are_kept() =>
        Assert.Equal(1000, UidSets.First(Seen(string.Join(',', Enumerable.Range(1, 50_000).Select(i => 2 * i))), 1000).Count);

    [Theory]
    [InlineData("1:4294967295")]
    [InlineData("1:3000000000")]
    [InlineData("4294967295:1")]
    [InlineData("1:4294967295,5")]
    [InlineData("1:2147483648,1:2147483648")]
    public void More_than_MailKit_can_count_ends_too(string set)
    {
        UidSets.First(Seen(set), 1000);
        Assert.Equal([7u, 8u], UidSets.Within([new UidRange(7, 8)], Set(set)));
        Assert.Throws<ImapProtocolException>(() => UidSets.Within([UidRange.Above(0)], Set(set)));
    }

    [Fact]
    public void An_answer_counts_within_what_was_asked_for()
    {
        Assert.Equal([5u, 8u, 9u], UidSets.Within([new UidRange(4, 6), new UidRange(8, 9)], Set("9,8,5,5,1:3,100:200000000")));
        Assert.Equal([1000u], UidSets.Within([UidRange.Above(999)], Set("1:1000")));
        Assert.Empty(UidSets.Within([UidRange.Above(5)], Set("5")));
        Assert.Equal(10_000, UidSets.Within([new UidRange(1, 10_000)], Set("1:4294967290")).Count);
        Assert.Equal(1_500_000, UidSets.Within([UidRange.Above(0)], Set("1:1500000")).Count);
    }

    [Fact]
    public void A_range_up_to_the_highest_number_ends() => Assert.Equal([uint.MaxValue - 1, uint.MaxValue], new UidRange(uint.MaxValue - 1, uint.MaxValue).Uids());

    [Fact]
    public void In_XML_a_long_range_is_one_element()
    {
        Assert.Equal("<idle><vanished uid=\"1:200000000\" /></idle>", new IdleUpdate[] { new VanishedUpdate([new UidRange(1, 200_000_000)]) }.ToXml());
        Assert.Equal("<idle><vanished uid=\"1\" /><vanished uid=\"2\" /></idle>", new IdleUpdate[] { new VanishedUpdate([new UidRange(1, 2)]) }.ToXml());
    }

    private static UniqueIdSet Set(string text) => UniqueIdSet.TryParse(text, 1, out var set) ? set : throw new UnreachableException();

    // As MailKit gives it.
    private static IList<UniqueId> Seen(string text) => new MessagesVanishedEventArgs(Set(text), earlier: false).UniqueIds;
}
