using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class IdleXmlTests
{
    [Fact]
    public void No_updates_are_an_empty_element_with_an_end_tag() => Assert.Equal("<idle></idle>", Array.Empty<IdleUpdate>().ToXml());

    [Fact]
    public void Each_update_is_an_element_in_the_order_it_came()
    {
        IdleUpdate[] updates =
        [
            new FlagsUpdate(59, 11876, [@"\Deleted", @"\Seen"]), new FlagsUpdate(60, null, []), new ExpungeUpdate(58), new ExistsUpdate(115),
            new RecentUpdate(0), new VanishedUpdate([new UidRange(7, 7), new UidRange(9, 9)]), new RawUpdate("* OK Still <here>"),
        ];

        Assert.Equal(
            @"<idle><flags seqnum=""59"" uid=""11876""><flag>\Deleted</flag><flag>\Seen</flag></flags><flags seqnum=""60"" />"
            + @"<expunge>58</expunge><exists>115</exists><recent>0</recent><vanished uid=""7"" /><vanished uid=""9"" /><raw>* OK Still &lt;here&gt;</raw></idle>",
            updates.ToXml());
    }

    [Fact]
    public void Characters_that_xml_cannot_carry_are_written_out() =>
        Assert.Equal(@"<idle><raw>* OK \x00\x1B[2J</raw></idle>", new IdleUpdate[] { new RawUpdate("* OK \0\u001b[2J") }.ToXml());
}
