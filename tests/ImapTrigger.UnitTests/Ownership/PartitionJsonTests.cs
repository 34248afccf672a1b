using System.Text;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class PartitionJsonTests
{
    /// <summary>As the code before version 2 wrote it, byte for byte.</summary>
    private static readonly byte[] Version1 = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Ownership", "Records", "version-1.json"));

    [Fact]
    public void A_record_of_version_1_is_read_and_carried_over()
    {
        var state = PartitionJson.Read(Version1, out var problem)!;
        Assert.Null(problem);
        Assert.Equal((PartitionState.CurrentVersion, 12L, true), (state.Version, state.Epoch, state.Clean));
        var cursor = Assert.Single(state.Mailboxes).Value;
        Assert.Equal((1795500000u, 4711u, 4708u), (cursor.UidValidity, cursor.LastUid, cursor.Floor));
        Assert.Equal([(4709u, 2, false), (4710u, 1, true)], cursor.Open.Select(open => (open.Key, open.Value.Attempts, open.Value.Done)));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 10, 0, 11, TimeSpan.FromHours(1)), cursor.LastDate);

        // What was delivered is known again; the two that are open are not.
        var known = cursor.Recent.Lookup();
        Assert.Equal(9, cursor.Recent.Count);
        Assert.All(Enumerable.Range(4701, 11).Except([4709, 4710]), uid => Assert.True(known($"{uid}@example.org", 100, DateTimeOffset.UnixEpoch)));
        Assert.False(known("4709@example.org", 100, DateTimeOffset.UnixEpoch));

        var written = PartitionJson.Read(RecordText.Whole(state), out _)!;
        Assert.Equal(cursor.Recent.ToString(), Assert.Single(written.Mailboxes).Value.Recent.ToString());
        new CursorTracker(cursor, new FakeTimeProvider()).Take(4712);
    }

    [Fact]
    public void A_record_of_a_later_version_is_left_alone()
    {
        var later = Encoding.UTF8.GetString(RecordText.Whole(PartitionState.Empty)).Replace($"\"version\":{PartitionState.CurrentVersion}", "\"version\":99", StringComparison.Ordinal);
        Assert.Null(PartitionJson.Read(Encoding.UTF8.GetBytes(later), out var problem));
        Assert.Contains("format 99", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_record_is_a_new_one()
    {
        Assert.Same(PartitionState.Empty, PartitionJson.Read([], out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("{", "the record is not readable JSON.")]
    [InlineData("null", "the record is not one of ImapTrigger's.")]
    [InlineData("""{ "version": 0 }""", "the record is not one of ImapTrigger's.")]
    [InlineData("""{ "version": 2, "partitions": 33 }""", "the record is not one of ImapTrigger's.")]
    [InlineData("""{ "version": 2, "mailboxes": null }""", "the record is not one of ImapTrigger's.")]
    public void What_is_no_record_is_left_alone_and_said(string json, string why)
    {
        Assert.Null(PartitionJson.Read(Encoding.UTF8.GetBytes(json), out var problem));
        Assert.Equal($"{why} It is left as it is; repair it, or delete it to begin with mail that arrives from now on.", problem);
    }

    [Fact]
    public void What_a_record_does_not_have_is_empty()
    {
        var state = PartitionJson.Read("""{ "version": 1, "partitions": 32, "mailboxes": { "m": { "uidValidity": 1, "lastUid": 5 } } }"""u8, out _)!;
        Assert.Equal((0, 0, 0L), (state.Watched.Count, state.Apart.Count, state.OpenCount));
        var cursor = state.Mailboxes["m"];
        Assert.Equal((0, 0, 0, 5u), (cursor.Open.Count, cursor.Gaps.Count, cursor.Recent.Count, cursor.Floor));
        var presence = PartitionJson.ReadPresence("""{ "name": "n" }"""u8)!;
        Assert.Equal((0, 0, true), (presence.Asks.Count, presence.Whole.Count, presence.Wanted is null));
        Assert.Null(PartitionJson.ReadPresence("["u8));
    }

    [Fact]
    public void Everything_is_read_as_it_was_written()
    {
        var cursor = new MailboxCursor { UidValidity = 1, LastUid = 9, Recent = RecentMessages.Of(["a", "b"]), Gaps = [new UidGap(3, 4, DateTimeOffset.UnixEpoch, 2)] };
        cursor = cursor with { Open = cursor.Open.Add(7, new OpenMessage(2, Done: true)).Add(8, new OpenMessage()) };
        var state = new PartitionState { Owner = "o", Epoch = 3, Clean = false, Watched = [8], Apart = [40], Mailboxes = PartitionState.Empty.Mailboxes.Add("m", cursor) };
        var read = PartitionJson.Read(RecordText.Whole(state), out _)!;
        Assert.Equal(("o", 3L, false, 2L), (read.Owner, read.Epoch, read.Clean, read.OpenCount));
        Assert.Equal([8], read.Watched);
        Assert.Equal([40], read.Apart);
        Assert.Equal((2u, "a b"), (read.Mailboxes["m"].Floor, read.Mailboxes["m"].Recent.ToString()));
        Assert.Equal(cursor.Open, read.Mailboxes["m"].Open);
        var presence = PartitionJson.ReadPresence(PartitionJson.Write(new Presence("n") { Asks = [1], Whole = [2] }))!;
        Assert.Equal(("n", 1, 2), (presence.Name, Assert.Single(presence.Asks), Assert.Single(presence.Whole)));
    }

    /// <summary>As versions before wrote it.</summary>
    [Fact]
    public void Messages_that_are_remembered_may_be_a_list()
    {
        var state = PartitionJson.Read("""{ "version": 1, "partitions": 32, "mailboxes": { "m": { "uidValidity": 1, "lastUid": 5, "recent": ["a", null, "b"] } } }"""u8, out _)!;
        Assert.Equal((3, "a  b"), (state.Mailboxes["m"].Recent.Count, state.Mailboxes["m"].Recent.ToString()));
    }
}
