using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImapTrigger.UnitTests.Listening.Model;

/// <summary>A folder that answers what a test puts into it, way by way, and a line that takes up what comes and delivers nothing.</summary>
internal sealed class PlainFolder : IFolderView, ICursorLog, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IdleUpdate> _said = [];

    /// <param name="lastUid">Where the cursor stands.</param>
    /// <param name="time">The clock.</param>
    public PlainFolder(uint lastUid, TimeProvider time)
    {
        _time = time;
        var cursor = new CursorTracker(new MailboxCursor { UidValidity = 7, LastUid = lastUid }, time);
        Line = new DeliveryLine(cursor, this, new DeliveryPump(cursor, this, null!, null!, new DeliveryOptions(1, 5)), _ => Task.CompletedTask, careful: false, _stopping.Token);
    }

    public SelectedFolder Selected { get; set; } = new("INBOX", 7, null, 3, null);

    public DeliveryLine Line { get; }

    /// <summary>What FETCH names.</summary>
    public List<uint> ByFetch { get; } = [];

    /// <summary>How often FETCH was asked for names.</summary>
    public int Namings { get; private set; }

    /// <summary>What SEARCH names.</summary>
    public List<uint> BySearch { get; } = [];

    /// <summary>What is given when it is fetched; null for all.</summary>
    public List<uint>? Given { get; set; }

    bool IFolderView.HasIds => false;

    CancellationToken ICursorLog.Lost => CancellationToken.None;

    bool ICursorLog.IsHeld => true;

    public CatchUp NewCatchUp() => new(this, Line, new FetchCare(), new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX"), _time, NullLogger.Instance);

    public void Say(IdleUpdate update) => _said.Add(update);

    public async ValueTask DisposeAsync()
    {
        await Line.DisposeAsync();
        _stopping.Dispose();
    }

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates()
    {
        IdleUpdate[] said = [.. _said];
        _said.Clear();
        return said;
    }

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken)
    {
        Namings++;
        return Task.FromResult(In(ByFetch, ranges));
    }

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => Task.FromResult(In(BySearch, ranges));

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => Task.FromResult(Answer(uids));

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => Task.FromResult(Answer(In(ByFetch, [UidRange.Above(uid)])));

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Always of before.</summary>
    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken) => Task.FromResult<FolderStatus?>(new FolderStatus(7, Selected.UidNext, Selected.Count, null));

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    private static IReadOnlyList<uint> In(List<uint> uids, IReadOnlyList<UidRange> ranges) => [.. uids.Where(uid => ranges.Any(range => range.Contains(uid))).Order()];

    private FetchAnswer Answer(IEnumerable<uint> uids)
    {
        ImapEvent[] came = [.. uids.Where(uid => Given?.Contains(uid) != false).Order().Select(uid => new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = uid })];
        // As if the folder had nothing before them.
        return new FetchAnswer(came) { Highest = came.Length == 0 ? 0 : ByFetch.Count };
    }
}
