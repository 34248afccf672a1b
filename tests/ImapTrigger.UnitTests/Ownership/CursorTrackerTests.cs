using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class CursorTrackerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_snapshot_keeps_every_undecided_uid_and_never_goes_back()
    {
        // Laws 1 and 13, over random interleavings: take up the next UID, leave one out, settle an open one, let one of a gap turn up, deny the gaps.
        Prop.ForAll<byte[]>(steps =>
        {
            var tracker = TrackerAt(10);
            var open = new SortedSet<uint>();
            var hidden = new SortedSet<uint>();
            uint next = 11, last = 10;
            foreach (var step in steps)
            {
                switch (step % 5)
                {
                    case 0 or 1:
                        next += step % 2u;
                        hidden.UnionWith(Enumerable.Range((int)last + 1, (int)(next - last) - 1).Select(uid => (uint)uid));
                        tracker.Take(Message(next));
                        open.Add(next);
                        last = next++;
                        break;
                    case 2 when open.Count > 0:
                        var settled = open.ElementAt(step % open.Count);
                        Assert.Equal(1, tracker.Begin(settled));
                        tracker.Settle(settled);
                        open.Remove(settled);
                        break;
                    case 3 when hidden.Count > 0:
                        var late = hidden.ElementAt(step % hidden.Count);
                        tracker.Take(late);
                        hidden.Remove(late);
                        open.Add(late);
                        break;
                    case 4:
                        tracker.GapsDenied();
                        break;
                }

                var snapshot = tracker.Snapshot();
                Assert.Equal(open, snapshot.Open.Keys);
                Assert.Equal(hidden, snapshot.Gaps.SelectMany(gap => Enumerable.Range((int)gap.From, (int)(gap.To - gap.From) + 1)).Select(uid => (uint)uid));
                Assert.Equal(last, snapshot.LastUid);
                Assert.Equal(open.Concat(hidden).Select(uid => uid - 1).Append(last).Min(), snapshot.Floor);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_gap_is_decided_after_an_hour_and_not_by_one_answer()
    {
        var tracker = TrackerAt(1);
        tracker.Take(4);
        for (var looks = 0; looks < 10; looks++)
            tracker.GapsDenied();
        _time.Advance(CursorTracker.Watch);
        for (var looks = 1; looks < CursorTracker.LooksToDecide; looks++)
            tracker.GapsDenied();
        Assert.Equal([new UidGap(2, 3, _time.GetUtcNow() - CursorTracker.Watch, CursorTracker.LooksToDecide - 1)], tracker.Snapshot().Gaps);
        tracker.GapsDenied();
        Assert.Empty(tracker.Snapshot().Gaps);
        Assert.Throws<InvalidOperationException>(() => tracker.Take(2));
    }

    [Fact]
    public void A_gap_that_is_denied_again_and_again_is_watched_all_the_same()
    {
        var tracker = TrackerAt(1);
        tracker.Take(4);
        for (var looks = 0; looks < 10; looks++)
            tracker.GapsDenied();
        tracker.Take(3);
        Assert.Equal([2u], tracker.Snapshot().Gaps.Select(gap => gap.To));
        Assert.Equal([3u, 4u], tracker.Snapshot().Open.Keys);
    }

    [Fact]
    public void Of_more_gaps_than_are_watched_the_oldest_are_decided_early_but_not_by_one_answer()
    {
        var tracker = TrackerAt(1);
        for (uint uid = 3; uid <= 2 * (CursorTracker.MaxGaps + 10); uid += 2)
            tracker.Take(uid);
        for (var looks = 1; looks < CursorTracker.LooksToDecide; looks++)
            tracker.GapsDenied();
        Assert.Equal(CursorTracker.MaxGaps + 9, tracker.Snapshot().Gaps.Count);
        tracker.GapsDenied();
        Assert.Equal(CursorTracker.MaxGaps, tracker.Snapshot().Gaps.Count);
    }

    [Fact]
    public void Attempts_are_counted_on_from_what_an_earlier_owner_recorded()
    {
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 1, LastUid = 5, Open = OnlyOpen(4, attempts: 2) }, _time);
        Assert.Equal(3, tracker.Begin(4));
        Assert.Equal(3, tracker.Snapshot().Open[4].Attempts);
    }

    [Fact]
    public void A_settled_uid_cannot_be_taken_up_again()
    {
        Assert.Throws<InvalidOperationException>(() => TrackerAt(5).Take(5));
    }

    [Fact]
    public void A_date_in_the_future_makes_nothing_old_that_comes_until_then()
    {
        var tracker = TrackerAt(0);
        tracker.Take(Message(1) with { InternalDate = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) });
        Assert.Equal(_time.GetUtcNow(), tracker.Snapshot().LastDate);
        Assert.Equal(_time.GetUtcNow(), tracker.Snapshot().Open[1].Date);
    }

    [Fact]
    public void A_message_found_again_under_another_uid_moves_the_marks_like_any_other()
    {
        var tracker = new CursorTracker(new MailboxCursor { UidValidity = 2, LastUid = 5, Open = OnlyOpen(4, attempts: 2) }, _time);
        tracker.Take(Message(4));
        Assert.Equal(_time.GetUtcNow(), tracker.Snapshot().LastDate);
        Assert.Equal(2, tracker.Snapshot().Open[4].Attempts);
    }

    [Fact]
    public void So_many_messages_are_remembered_and_no_more()
    {
        var tracker = TrackerAt(0);
        for (uint uid = 1; uid <= RecentMessages.Most + 50; uid++)
        {
            tracker.Take(Message(uid));
            tracker.Settle(uid, Message(uid));
        }

        var recent = tracker.Snapshot().Recent;
        Assert.Equal(RecentMessages.Most, recent.Count);
        Assert.False(recent.Lookup()("50", 100, _time.GetUtcNow()));
        Assert.True(recent.Lookup()("51", 100, _time.GetUtcNow()));
        // A device that uses one Message-ID for all that it sends.
        Assert.False(recent.Lookup()("51", 101, _time.GetUtcNow()));
        Assert.Equal(RecentMessages.Most + 50u, tracker.Snapshot().Last!.Uid);
    }

    private CursorTracker TrackerAt(uint last) => new(new MailboxCursor { UidValidity = 1, LastUid = last }, _time);

    private ImapEvent Message(uint uid) =>
        new() { Account = "ann", Folder = "INBOX", UidValidity = 1, Uid = uid, MessageId = $"{uid}", Size = 100, InternalDate = _time.GetUtcNow() };

    private static ImmutableSortedDictionary<uint, OpenMessage> OnlyOpen(uint uid, int attempts) =>
        ImmutableSortedDictionary<uint, OpenMessage>.Empty.Add(uid, new OpenMessage(attempts));
}
