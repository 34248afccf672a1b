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
                    tracker.Take(next);
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
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 5, Open = MailboxCursorOpen(4, attempts: 2) });
        Assert.Equal(3, tracker.Begin(4));
        Assert.Equal(3, tracker.Snapshot().Open[4]);
    }

    [Fact]
    public void A_settled_uid_cannot_be_taken_up_again()
    {
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 5 });
        Assert.Throws<InvalidOperationException>(() => tracker.Take(5));
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<uint, int> MailboxCursorOpen(uint uid, int attempts) =>
        System.Collections.Immutable.ImmutableSortedDictionary<uint, int>.Empty.Add(uid, attempts);
}
