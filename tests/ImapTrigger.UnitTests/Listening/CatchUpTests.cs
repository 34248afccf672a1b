using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.UnitTests.Listening.Model;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What a server announces or promises is compared with what came, and asked for again in both ways (law 14). The cursor stands at 9.</summary>
public sealed class CatchUpTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(9);
    private readonly FakeTimeProvider _time = new();
    private readonly PlainFolder _folder;

    public CatchUpTests() => _folder = new PlainFolder(lastUid: 9, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_announced_and_does_not_come_is_asked_for_again_soon()
    {
        var catchUp = _folder.NewCatchUp();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.Equal(Limit, catchUp.NextLook(Limit));
        _folder.Say(new ExistsUpdate(4));
        Assert.True(catchUp.HasNews);
        Assert.Equal(0, (await catchUp.RunAsync(Wake.News, Token)).Found);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Limit));

        await FindsAfterASecondAsync(catchUp, _folder.ByFetch, _folder.BySearch);
    }

    [Fact]
    public async Task What_is_promised_and_does_not_come_is_asked_for_again_soon()
    {
        _folder.Selected = _folder.Selected with { UidNext = 11 };
        var catchUp = _folder.NewCatchUp();
        Assert.Equal(0, (await catchUp.RunAsync(Wake.Start, Token)).Found);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Limit));
        await FindsAfterASecondAsync(catchUp, _folder.ByFetch, _folder.BySearch);
    }

    /// <summary>Real servers are known on which the one finds what the other does not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_only_FETCH_or_only_SEARCH_finds_is_found(bool byFetch)
    {
        _folder.Selected = _folder.Selected with { UidNext = 11 };
        var catchUp = _folder.NewCatchUp();
        if (byFetch)
            _folder.ByFetch.Add(10);
        else
            _folder.BySearch.Add(10);
        var found = 0;
        for (var looks = 0; looks < 3 && found == 0; looks++)
        {
            found = (await catchUp.RunAsync(looks == 0 ? Wake.Start : Wake.Again, Token)).Found;
            _time.Advance(catchUp.NextLook(Limit));
        }

        Assert.Equal(1, found);
    }

    /// <summary>Messages may go before they are fetched, and some promises mean nothing.</summary>
    [Fact]
    public async Task What_does_not_come_in_the_end_is_not_asked_for_for_ever()
    {
        _folder.Selected = _folder.Selected with { UidNext = 4_000_000_000 };
        var catchUp = _folder.NewCatchUp();
        var looks = 0;
        for (var why = Wake.Start; catchUp.NextLook(Limit) < Limit || looks == 0; why = Wake.Again)
        {
            await catchUp.RunAsync(why, Token);
            _time.Advance(catchUp.NextLook(Limit));
            Assert.True(++looks < 10, "It is still asked for.");
        }

        Assert.Equal(5, looks);
        await catchUp.RunAsync(Wake.Again, Token);
        Assert.Equal(Limit, catchUp.NextLook(Limit));
    }

    [Fact]
    public async Task Where_SELECT_promises_nothing_new_the_first_look_asks_nothing_and_the_next_does()
    {
        _folder.Selected = _folder.Selected with { UidNext = 10 };
        _folder.ByFetch.Add(10);
        var catchUp = _folder.NewCatchUp();
        Assert.Equal(new CatchUpResult(0, CaughtUp: true), await catchUp.RunAsync(Wake.Start, Token));
        Assert.Equal(1, (await catchUp.RunAsync(Wake.Due, Token)).Found);
    }

    [Fact]
    public async Task Of_a_long_backlog_no_more_than_a_thousand_are_open_at_once()
    {
        _folder.ByFetch.AddRange(Enumerable.Range(10, 5000).Select(uid => (uint)uid));
        Assert.False((await _folder.NewCatchUp().RunAsync(Wake.Start, Token)).CaughtUp);
        Assert.Equal(1000, _folder.Line.Cursor.Snapshot().Open.Count);
    }

    [Fact]
    public async Task What_was_named_and_had_no_room_is_not_named_again_unless_something_was_removed()
    {
        _folder.ByFetch.AddRange(Enumerable.Range(10, 1500).Select(uid => (uint)uid));
        var catchUp = _folder.NewCatchUp();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.Equal(1, _folder.Namings);
        await catchUp.RunAsync(Wake.Room, Token);
        Assert.Equal(1, _folder.Namings);
        _folder.Say(new ExpungeUpdate(7));
        await catchUp.RunAsync(Wake.Room, Token);
        Assert.Equal(2, _folder.Namings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_are_named_by_SEARCH_and_what_that_does_not_show_by_FETCH_a_second_later(bool bySearch)
    {
        _folder.Selected = _folder.Selected with { UidNext = 410 };
        _folder.ByFetch.AddRange(Enumerable.Range(10, 400).Select(uid => (uint)uid));
        if (bySearch)
            _folder.BySearch.AddRange(_folder.ByFetch);
        var catchUp = _folder.NewCatchUp();
        Assert.Equal(bySearch ? 400 : 0, (await catchUp.RunAsync(Wake.Start, Token)).Found);
        Assert.Equal(0, _folder.Namings);
        if (bySearch)
            return;
        _time.Advance(catchUp.NextLook(Limit));
        Assert.Equal(400, (await catchUp.RunAsync(Wake.Again, Token)).Found);
    }

    [Fact]
    public async Task What_is_announced_while_there_is_a_backlog_does_not_bring_all_of_it_at_once()
    {
        _folder.ByFetch.AddRange(Enumerable.Range(10, 3000).Select(uid => (uint)uid));
        _folder.Given = [];
        var catchUp = _folder.NewCatchUp();
        Assert.False((await catchUp.RunAsync(Wake.Start, Token)).CaughtUp);
        _folder.Given = null;
        _folder.Say(new ExistsUpdate(4));
        Assert.InRange((await catchUp.RunAsync(Wake.Request, Token)).Found, 0, 1000);
    }

    [Fact]
    public async Task When_a_thousand_are_named_and_not_given_they_are_asked_for_although_more_wait()
    {
        _folder.ByFetch.AddRange(Enumerable.Range(10, 3000).Select(uid => (uint)uid));
        _folder.Given = [];
        var catchUp = _folder.NewCatchUp();
        Assert.False((await catchUp.RunAsync(Wake.Start, Token)).CaughtUp);
        Assert.True(_folder.Line.OwesTooMuch);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Limit));
        _folder.Given = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await catchUp.RunAsync(Wake.Again, Token);
        Assert.False(_folder.Line.OwesTooMuch);
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    private async Task FindsAfterASecondAsync(CatchUp catchUp, params List<uint>[] shows)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (var way in shows)
            way.Add(10);
        Assert.Equal(1, (await catchUp.RunAsync(Wake.Again, Token)).Found);
        Assert.Equal(Limit, catchUp.NextLook(Limit));
    }
}
