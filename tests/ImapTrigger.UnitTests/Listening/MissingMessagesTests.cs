using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.UnitTests.Listening.Model;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What does not come though it should is asked for in both ways, and one way's silence decides nothing (law 13). The cursor stands at 9.</summary>
public sealed class MissingMessagesTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(9);
    private readonly FakeTimeProvider _time = new();
    private readonly PlainFolder _folder;

    public MissingMessagesTests() => _folder = new PlainFolder(lastUid: 9, _time) { Given = [] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_SEARCH_still_names_is_not_gone_though_FETCH_never_gives_it()
    {
        _folder.ByFetch.Add(10);
        _folder.BySearch.Add(10);
        await LooksAsync(10);
        Assert.NotNull(_folder.Line.Cursor.Find(10));
        Assert.Contains(10u, _folder.Line.Pending);
    }

    [Fact]
    public async Task What_SEARCH_names_at_the_last_look_after_all_is_not_gone()
    {
        _folder.ByFetch.Add(10);
        var catchUp = _folder.NewCatchUp();
        await catchUp.RunAsync(Wake.Start, Token);
        _folder.ByFetch.Clear();
        await LooksAsync(CursorTracker.LooksToDecide, catchUp);
        Assert.NotNull(_folder.Line.Cursor.Find(10));
        _folder.BySearch.Add(10);
        await LooksAsync(1, catchUp);
        Assert.NotNull(_folder.Line.Cursor.Find(10));
    }

    [Fact]
    public async Task What_neither_names_any_more_is_gone_after_several_looks()
    {
        _folder.ByFetch.Add(10);
        var catchUp = _folder.NewCatchUp();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.NotNull(_folder.Line.Cursor.Find(10));
        _folder.ByFetch.Clear();
        await LooksAsync(8, catchUp);
        Assert.Null(_folder.Line.Cursor.Find(10));
    }

    /// <summary>A gap, into which a message comes late, shown in one way alone.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_comes_late_is_found_whichever_way_shows_it(bool byFetch)
    {
        _folder.ByFetch.Add(12);
        _folder.Given!.AddRange([10, 12]);
        var catchUp = _folder.NewCatchUp();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.Equal(10u, Assert.Single(_folder.Line.Cursor.Snapshot().Gaps).From);
        (byFetch ? _folder.ByFetch : _folder.BySearch).Add(10);
        await LooksAsync(4, catchUp);
        Assert.NotNull(_folder.Line.Cursor.Find(10));
    }

    /// <summary>Some servers answer of the selected mailbox what it was.</summary>
    [Fact]
    public async Task What_STATUS_does_not_tell_of_is_found_by_a_look_at_the_folder_itself()
    {
        var catchUp = _folder.NewCatchUp();
        await catchUp.RunAsync(Wake.Start, Token);
        _folder.ByFetch.Add(10);
        _folder.Given!.Add(10);
        for (var looks = 0; looks < 4 && _folder.Line.Cursor.LastUid == 9; looks++)
            await catchUp.RunAsync(Wake.Due, Token);
        Assert.Equal(10u, _folder.Line.Cursor.LastUid);
    }

    [Fact]
    public async Task What_an_earlier_session_left_open_is_fetched_before_anything_new()
    {
        _folder.Line.Owe(10);
        _folder.ByFetch.Add(10);
        _folder.Given!.Add(10);
        await _folder.NewCatchUp().ResumeAsync(Token);
        Assert.Empty(_folder.Line.Pending);
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    private async Task LooksAsync(int count, CatchUp? catchUp = null)
    {
        var why = catchUp is null ? Wake.Start : Wake.Again;
        catchUp ??= _folder.NewCatchUp();
        for (var looks = 0; looks < count; looks++, why = Wake.Again)
        {
            await catchUp.RunAsync(why, Token);
            _time.Advance(catchUp.NextLook(Limit));
        }
    }
}
