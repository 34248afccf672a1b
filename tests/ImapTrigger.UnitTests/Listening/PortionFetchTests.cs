using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>A fetch may end the process: whoever comes next must find on record what was tried (law 15).</summary>
public sealed class PortionFetchTests : IFolderView, ICursorLog, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly DeliveryLine _line;
    private readonly List<MailboxCursor> _durableAtFetch = [];
    private MailboxCursor _put = new() { UidValidity = 7, LastUid = 9 };
    private MailboxCursor _durable = new() { UidValidity = 7, LastUid = 9 };

    public PortionFetchTests()
    {
        var cursor = new CursorTracker(_put, TimeProvider.System);
        // Nothing is delivered here.
        var pump = new DeliveryPump(cursor, this, null!, null!, new DeliveryOptions(1, 5));
        _line = new DeliveryLine(cursor, this, pump, _ => Task.CompletedTask, careful: true, _stopping.Token);
    }

    public SelectedFolder Selected { get; } = new("INBOX", 7, 30, 3, null);

    public bool HasIds => true;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld => true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_an_owner_that_died_each_portion_is_on_record_before_it_is_fetched()
    {
        await New(new FetchCare()).NamedAsync([10, 12, 15], Token);
        var probe = Assert.Single(_durableAtFetch).Probe;
        Assert.Equal((10u, 15u), (probe?.From ?? 0, probe?.To ?? 0));
        Assert.Null(_line.Cursor.Snapshot().Probe);
    }

    [Fact]
    public async Task Each_try_of_a_suspect_is_on_record_before_it_is_made()
    {
        var care = new FetchCare();
        care.Suspect(10, 10, 1, inOrder: true);
        for (var tries = 1; tries <= 3; tries++)
        {
            await Assert.ThrowsAsync<ImapSessionException>(() => New(care).NamedAsync([10], Token));
            care.Suspect(10, 10, 1, inOrder: true);
            Assert.Equal(tries, _durableAtFetch[^1].Open.GetValueOrDefault(10u)?.Broken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync();
        _stopping.Dispose();
    }

    void ICursorLog.Put(MailboxCursor cursor) => _put = cursor;

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken)
    {
        _durable = _put;
        return Task.FromResult(true);
    }

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken)
    {
        _durableAtFetch.Add(_durable);
        return Task.FromResult(uids.Count > 1
            ? new FetchAnswer([.. uids.Select(uid => new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = uid })])
            : new FetchAnswer([], new ImapSessionException(ImapSessionError.ConnectionLost, "It ended.")));
    }

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates() => [];

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private PortionFetch New(FetchCare care) => new(this, _line, care, new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX"), NullLogger.Instance);
}
