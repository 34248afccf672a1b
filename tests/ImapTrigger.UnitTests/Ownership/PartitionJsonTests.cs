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
}
