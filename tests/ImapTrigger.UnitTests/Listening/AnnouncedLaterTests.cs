using ImapTrigger.Delivery;
using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What is owed after a look: what was announced and did not come, and nothing else.</summary>
public sealed class AnnouncedLaterTests : IFolderView, ICursorLog
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(9);
    private readonly List<IdleUpdate> _said = [];
    private readonly List<uint> _there = [];

    [Fact]
    public async Task A_message_that_came_before_it_was_announced_is_not_owed_when_it_is()
    {
        await using var line = NewLine();
        var catchUp = New(line);
        // The server gives the second with the first, and announces it behind that.
        Arrive(announced: 1, there: 2);
        Assert.Equal(2, (await catchUp.RunAsync(Wake.News, CancellationToken.None)).Found);
        Arrive(announced: 2, there: 2);
        await catchUp.RunAsync(Wake.News, CancellationToken.None);
        Assert.Equal(Renewal, catchUp.NextLook(Renewal));
    }

    [Fact]
    public async Task A_message_that_is_announced_behind_it_and_does_not_come_is_owed()
    {
        await using var line = NewLine();
        var catchUp = New(line);
        Arrive(announced: 1, there: 2);
        await catchUp.RunAsync(Wake.News, CancellationToken.None);
        Arrive(announced: 3, there: 2);
        await catchUp.RunAsync(Wake.News, CancellationToken.None);
        Assert.Equal(TimeSpan.FromSeconds(1), catchUp.NextLook(Renewal));
    }

    SelectedFolder IFolderView.Selected { get; } = new("INBOX", 7, 1, 0, null);

    bool IFolderView.HasIds => false;

    CancellationToken ICursorLog.Lost => CancellationToken.None;

    bool ICursorLog.IsHeld => true;

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates()
    {
        IdleUpdate[] said = [.. _said];
        _said.Clear();
        return said;
    }

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken)
    {
        ImapEvent[] came = [.. _there.Where(there => there > uid).Select(there => new ImapEvent { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = there })];
        return Task.FromResult(new FetchAnswer(came) { Highest = came.Length == 0 ? 0 : _there.Count });
    }

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<uint>>([.. _there.Where(uid => ranges.Any(range => range.Contains(uid)))]);

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    private void Arrive(int announced, uint there)
    {
        for (var uid = (uint)_there.Count + 1; uid <= there; uid++)
            _there.Add(uid);
        _said.Add(new ExistsUpdate(announced));
    }

    private CatchUp New(DeliveryLine line) =>
        new(this, line, new FetchCare(), new MailboxSource(new ImapAccount { Host = "model", UserName = "ann" }, "INBOX"), new FakeTimeProvider(), NullLogger.Instance);

    /// <summary>Nothing is delivered here.</summary>
    private DeliveryLine NewLine()
    {
        var cursor = new CursorTracker(new MailboxCursor { UidValidity = 7, LastUid = 0 }, TimeProvider.System);
        return new DeliveryLine(cursor, this, new DeliveryPump(cursor, this, null!, null!, new DeliveryOptions(4, 5)), static _ => Task.CompletedTask, careful: false, CancellationToken.None);
    }
}
