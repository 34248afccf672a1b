using System.Collections.Immutable;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>Four mailboxes: 40, 72 and 104 fall into partition 8, 41 into partition 9. We have 40, 72 and 41.</summary>
public sealed class WishesTests
{
    private readonly Wishes _wishes = new("we", [40, 72, 41], TimeProvider.System);

    [Fact]
    public void We_want_the_shared_partitions_and_our_own_where_one_was_given_to_us()
    {
        Assert.Equal([8, 9], _wishes.All(StoreView.Empty).Order());
        Assert.Equal([8, 9, 72], _wishes.All(View(8, [40], apart: [72, 104])).Order());
        Assert.Equal([40, 72], _wishes.MailboxesOf(8, []));
        Assert.Equal([40], _wishes.MailboxesOf(8, [72]));
        Assert.Equal([72], _wishes.MailboxesOf(72, []));
    }

    [Fact]
    public void What_others_own_and_do_not_watch_we_ask_for()
    {
        // Another has 104, too: it cannot give us the whole.
        var part = _wishes.Given(View(8, [40, 104]), [9]);
        Assert.Equal([72], part.Asks);
        Assert.Empty(part.Whole);
        // All that it watches there is ours as well.
        var whole = _wishes.Given(View(8, [40]), [9]);
        Assert.Equal([72], whole.Asks);
        Assert.Equal([8], whole.Whole);
        Assert.Equal("we", whole.Name);
        Assert.Equal([8, 9], whole.Wanted!.Keys);
    }

    [Fact]
    public void We_ask_for_nothing_that_is_watched_or_ours_or_nobodys()
    {
        Assert.Empty(_wishes.Given(View(8, [40, 72]), [9]).Asks);
        Assert.Empty(_wishes.Given(View(8, [40, 72]), [9]).Whole);
        Assert.Empty(_wishes.Given(View(8, [40]), [8, 9]).Asks);
        Assert.Empty(_wishes.Given(View(8, [40], isHeld: false), [9]).Asks);
        Assert.Empty(_wishes.Given(View(8, watched: null), [9]).Asks);
        Assert.Empty(_wishes.Given(View(8, [40], apart: [72]), [9]).Asks);
    }

    [Fact]
    public void We_do_not_ask_for_endlessly_many()
    {
        var many = new Wishes("we", [.. Enumerable.Range(2, 500).Select(i => i * PartitionState.Count)], TimeProvider.System);
        Assert.Equal(300, many.Given(View(0, [32]), []).Asks.Count);
    }

    [Fact]
    public void Lists_that_differ_in_a_partition_have_another_digest_there()
    {
        var same = new Wishes("other", [72, 40, 42], TimeProvider.System).Given(StoreView.Empty, []).Wanted!;
        var ours = _wishes.Given(StoreView.Empty, []).Wanted!;
        Assert.Equal(ours[8], same[8]);
        Assert.NotEqual(ours[8], new Wishes("other", [40], TimeProvider.System).Given(StoreView.Empty, []).Wanted![8]);
        Assert.NotEqual(ours[8], new Wishes("other", [40, 104], TimeProvider.System).Given(StoreView.Empty, []).Wanted![8]);
    }

    [Fact]
    public void A_wish_is_met_when_all_our_mailboxes_are_watched_there()
    {
        Assert.True(_wishes.IsMet(8, View(8, [40, 72, 104])));
        Assert.True(_wishes.IsMet(8, View(8, [40], apart: [72])));
        // An older version does not say what it watches.
        Assert.True(_wishes.IsMet(8, View(8, watched: null)));
        Assert.False(_wishes.IsMet(8, View(8, [40])));
        Assert.False(_wishes.IsMet(8, View(8, [40, 72], isHeld: false)));
        Assert.False(_wishes.IsMet(9, View(8, [40, 72])));
    }

    [Fact]
    public void We_are_asked_for_what_we_do_not_have_and_what_is_not_apart_yet()
    {
        Presence part = new("part") { Asks = [72, 104, 136, 41] }, alsoPart = new("also") { Asks = [104] }, whole = new("whole") { Asks = [168], Whole = [8] }, we = new("we") { Asks = [200] };
        var view = View(8, [40, 72], apart: [136]) with { Instances = [part, alsoPart, whole, we] };
        Assert.Equal([104], _wishes.AskedOf(8, view, whole: false));
        Assert.Equal([168], _wishes.AskedOf(8, view, whole: true));
        Assert.Empty(_wishes.AskedOf(9, view, whole: false));
    }

    private static StoreView View(int partition, ImmutableSortedSet<int>? watched, ImmutableSortedSet<int>? apart = null, bool isHeld = true) =>
        new(new Dictionary<int, PartitionView> { [partition] = new(isHeld, "other") { Watched = watched, Apart = apart ?? [] } }, []);
}
