using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class CursorTrackerTests
{
    [Fact]
    public void A_snapshot_keeps_every_unsettled_uid_and_never_goes_back()
    {
        // Law 1, over random interleavings: even numbers take up the next UID, odd ones settle some open one.
        Prop.ForAll<byte[]>(steps =>
        {
            var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 10 });
            var unsettled = new SortedSet<uint>();
            uint next = 11, last = 10;
            foreach (var step in steps)
            {
                if (step % 2 == 0)
                {
                    tracker.Take(next, null);
                    unsettled.Add(next++);
                }
                else if (unsettled.Count > 0)
                {
                    var uid = unsettled.ElementAt(step % unsettled.Count);
                    Assert.Equal(1, tracker.Begin(uid));
                    tracker.Settle(uid);
                    unsettled.Remove(uid);
                }

                var snapshot = tracker.Snapshot();
                Assert.Equal(unsettled, snapshot.Open.Keys);
                Assert.True(snapshot.LastUid >= last);
                last = snapshot.LastUid;
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Attempts_are_counted_on_from_what_an_earlier_owner_recorded()
    {
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 5, Open = OnlyOpen(4, attempts: 2) });
        Assert.Equal(3, tracker.Begin(4));
        Assert.Equal(3, tracker.Snapshot().Open[4].Attempts);
    }

    [Fact]
    public void A_settled_uid_cannot_be_taken_up_again()
    {
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 5 });
        Assert.Throws<InvalidOperationException>(() => tracker.Take(5, null));
    }

    [Fact]
    public void What_may_be_unsettled_begins_with_the_oldest_open_message()
    {
        var day = new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 0 });
        tracker.Take(1, day);
        tracker.Take(2, day.AddHours(2));
        tracker.Settle(2, "two");
        Assert.Equal(day, tracker.Snapshot().UnsettledSince);
        tracker.Settle(1, "one");
        Assert.Equal(day.AddHours(2), tracker.Snapshot().UnsettledSince);
        Assert.Equal([CursorTracker.HashOf("two"), CursorTracker.HashOf("one")], tracker.Snapshot().Recent);
    }

    [Fact]
    public void So_many_Message_IDs_are_remembered_and_no_more()
    {
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 0 });
        for (uint uid = 1; uid <= MailboxCursor.MaxRecent + 50; uid++)
        {
            tracker.Take(uid, null);
            tracker.Settle(uid, $"{uid}");
        }

        Assert.Equal(MailboxCursor.MaxRecent, tracker.Snapshot().Recent.Count());
        Assert.Equal(CursorTracker.HashOf("51"), tracker.Snapshot().Recent.First());
    }

    private static ImmutableSortedDictionary<uint, OpenMessage> OnlyOpen(uint uid, int attempts) =>
        ImmutableSortedDictionary<uint, OpenMessage>.Empty.Add(uid, new OpenMessage(attempts));
}
