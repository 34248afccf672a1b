using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What a server announces or promises is compared with what came, and asked for again in both ways (law 14). The cursor stands at 9.</summary>
public sealed class CatchUpTests : IFolderView, ICursorLog, IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(9);
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<uint> _byFetch = [];
    private readonly List<uint> _bySearch = [];
    private readonly DeliveryLine _line;
    private List<IdleUpdate> _updates = [];

    public CatchUpTests()
    {
        var cursor = new CursorTracker(new MailboxCursor { UidValidity = 7, LastUid = 9 }, _time);
        // Nothing is delivered here.
        var pump = new DeliveryPump(cursor, this, null!, null!, new DeliveryOptions(1, 5));
        _line = new DeliveryLine(cursor, this, pump, _ => Task.CompletedTask, careful: false, _stopping.Token);
    }

    public SelectedFolder Selected { get; private set; } = new("INBOX", 7, 10, 3, null);

    public bool HasIds => false;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld => true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_announced_and_does_not_come_is_asked_for_again_soon()
    {
        var catchUp = New();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.Equal(Limit, catchUp.NextLook(Limit));
        _updates = [new ExistsUpdate(4)];
        Assert.True(catchUp.HasNews);
        Assert.Equal(0, (await catchUp.RunAsync(Wake.News, Token)).Found);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Limit));

        await FindsAfterASecondAsync(catchUp, _byFetch, _bySearch);
    }

    [Fact]
    public async Task What_is_promised_and_does_not_come_is_asked_for_again_soon()
    {
        Selected = Selected with { UidNext = 11 };
        var catchUp = New();
        Assert.Equal(0, (await catchUp.RunAsync(Wake.Start, Token)).Found);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Limit));
        await FindsAfterASecondAsync(catchUp, _byFetch, _bySearch);
    }

    /// <summary>Real servers are known on which the one finds what the other does not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_only_FETCH_or_only_SEARCH_finds_is_found(bool byFetch)
    {
        Selected = Selected with { UidNext = 11 };
        var catchUp = New();
        if (byFetch)
            _byFetch.Add(10);
        else
            _bySearch.Add(10);
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
        Selected = Selected with { UidNext = 4_000_000_000 };
        var catchUp = New();
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
    public async Task Of_a_long_backlog_no_more_than_a_thousand_are_open_at_once()
    {
        _byFetch.AddRange(Enumerable.Range(10, 5000).Select(uid => (uint)uid));
        Assert.False((await New().RunAsync(Wake.Start, Token)).CaughtUp);
        Assert.Equal(1000, _line.Cursor.Snapshot().Open.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync();
        _stopping.Dispose();
    }

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates()
    {
        var updates = _updates;
        _updates = [];
        return updates;
    }

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => Task.FromResult(In(_byFetch, ranges));

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => Task.FromResult(In(_bySearch, ranges));

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => Task.FromResult(Answer(uids));

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => Task.FromResult(Answer(In(_byFetch, [UidRange.Above(uid)])));

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private static IReadOnlyList<uint> In(List<uint> uids, IReadOnlyList<UidRange> ranges) => [.. uids.Where(uid => ranges.Any(range => range.Contains(uid)))];

    private static FetchAnswer Answer(IEnumerable<uint> uids) => new([.. uids.Select(uid => new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = uid })], null);

    private async Task FindsAfterASecondAsync(CatchUp catchUp, params List<uint>[] shows)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (var way in shows)
            way.Add(10);
        Assert.Equal(1, (await catchUp.RunAsync(Wake.Again, Token)).Found);
        Assert.Equal(Limit, catchUp.NextLook(Limit));
    }

    private CatchUp New() => new(this, _line, new FetchCare(), new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX"), _time, NullLogger.Instance);
}
