using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What does not come though it should is asked for in both ways, and one way's silence decides nothing (law 13). The cursor stands at 9.</summary>
public sealed class MissingMessagesTests : IFolderView, ICursorLog, IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(9);
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<uint> _byFetch = [];
    private readonly List<uint> _bySearch = [];
    private readonly List<uint> _given = [];
    private readonly DeliveryLine _line;

    public MissingMessagesTests()
    {
        var cursor = new CursorTracker(new MailboxCursor { UidValidity = 7, LastUid = 9 }, _time);
        // Nothing is delivered here.
        var pump = new DeliveryPump(cursor, this, null!, null!, new DeliveryOptions(1, 5));
        _line = new DeliveryLine(cursor, this, pump, _ => Task.CompletedTask, careful: false, _stopping.Token);
    }

    public SelectedFolder Selected { get; } = new("INBOX", 7, 10, 3, null);

    public bool HasIds => false;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld => true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_SEARCH_still_names_is_not_gone_though_FETCH_never_gives_it()
    {
        _byFetch.Add(10);
        _bySearch.Add(10);
        await LooksAsync(10);
        Assert.NotNull(_line.Cursor.Find(10));
        Assert.Contains(10u, _line.Pending);
    }

    [Fact]
    public async Task What_SEARCH_names_at_the_last_look_after_all_is_not_gone()
    {
        _byFetch.Add(10);
        var catchUp = New();
        await catchUp.RunAsync(Wake.Start, Token);
        _byFetch.Clear();
        await LooksAsync(CursorTracker.LooksToDecide, catchUp);
        Assert.NotNull(_line.Cursor.Find(10));
        _bySearch.Add(10);
        await LooksAsync(1, catchUp);
        Assert.NotNull(_line.Cursor.Find(10));
    }

    [Fact]
    public async Task What_neither_names_any_more_is_gone_after_several_looks()
    {
        _byFetch.Add(10);
        var catchUp = New();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.NotNull(_line.Cursor.Find(10));
        _byFetch.Clear();
        await LooksAsync(8, catchUp);
        Assert.Null(_line.Cursor.Find(10));
    }

    /// <summary>A gap, into which a message comes late, shown in one way alone.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_comes_late_is_found_whichever_way_shows_it(bool byFetch)
    {
        _byFetch.Add(12);
        _given.AddRange([10, 12]);
        var catchUp = New();
        await catchUp.RunAsync(Wake.Start, Token);
        Assert.Equal(10u, Assert.Single(_line.Cursor.Snapshot().Gaps).From);
        (byFetch ? _byFetch : _bySearch).Add(10);
        await LooksAsync(4, catchUp);
        Assert.NotNull(_line.Cursor.Find(10));
    }

    /// <summary>Some servers answer of the selected mailbox what it was.</summary>
    [Fact]
    public async Task What_STATUS_does_not_tell_of_is_found_by_a_look_at_the_folder_itself()
    {
        var catchUp = New();
        await catchUp.RunAsync(Wake.Start, Token);
        _byFetch.Add(10);
        _given.Add(10);
        for (var looks = 0; looks < 4 && _line.Cursor.LastUid == 9; looks++)
            await catchUp.RunAsync(Wake.Due, Token);
        Assert.Equal(10u, _line.Cursor.LastUid);
    }

    [Fact]
    public async Task What_an_earlier_session_left_open_is_fetched_before_anything_new()
    {
        _line.Owe(10);
        _byFetch.Add(10);
        _given.Add(10);
        await New().ResumeAsync(Token);
        Assert.Empty(_line.Pending);
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

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates() => [];

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => Task.FromResult(In(_byFetch, ranges));

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => Task.FromResult(In(_bySearch, ranges));

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => Task.FromResult(Answer(uids));

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => Task.FromResult(Answer(_given.Where(given => given > uid)));

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken) => Task.FromResult<FolderStatus?>(new FolderStatus(7, 10, 3, null));

    private static IReadOnlyList<uint> In(List<uint> uids, IReadOnlyList<UidRange> ranges) => [.. uids.Where(uid => ranges.Any(range => range.Contains(uid))).Order()];

    private FetchAnswer Answer(IEnumerable<uint> uids) => new([.. uids.Where(_given.Contains).Order().Select(uid => new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = uid })], null);

    private async Task LooksAsync(int count, CatchUp? catchUp = null)
    {
        var why = catchUp is null ? Wake.Start : Wake.Again;
        catchUp ??= New();
        for (var looks = 0; looks < count; looks++, why = Wake.Again)
        {
            await catchUp.RunAsync(why, Token);
            _time.Advance(catchUp.NextLook(Limit));
        }
    }

    private CatchUp New() => new(this, _line, new FetchCare(), new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX"), _time, NullLogger.Instance);
}
