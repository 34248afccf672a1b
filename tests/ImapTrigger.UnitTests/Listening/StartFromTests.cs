using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>With which messages a mailbox begins: the words of the attribute, and which of those that are there they mean.</summary>
public sealed class StartFromTests : ICursorLog, IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly CancellationTokenSource _stopping = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private DeliveryLine? _line;

    public CancellationToken Lost => CancellationToken.None;

    public bool IsHeld => true;

    [Theory]
    [InlineData("now", null)]
    [InlineData("", null)]
    [InlineData("ALL", null)]
    [InlineData(" unseen", null)]
    [InlineData("7.00:00:00", "2026-11-16T12:00:00Z")]
    [InlineData("01:30:00", "2026-11-23T10:30:00Z")]
    [InlineData("2026-11-01", "2026-11-01T00:00:00Z")]
    [InlineData("2026-11-01T06:00:00+02:00", "2026-11-01T04:00:00Z")]
    public void Its_words(string text, string? since)
    {
        var start = StartFrom.Parse(text)!;
        Assert.Equal((text == "ALL", text == " unseen"), (start.All, start.Unseen));
        Assert.Equal(since is null ? null : DateTimeOffset.Parse(since, System.Globalization.CultureInfo.InvariantCulture), start.Since(Noon));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("7")]
    [InlineData("-7.00:00:00")]
    [InlineData("00:00:00")]
    [InlineData("40000.00:00:00")]
    [InlineData("2026-13-01")]
    [InlineData("01/11/2026")]
    public void What_is_none_of_them_is_none(string text) => Assert.Null(StartFrom.Parse(text));

    [Theory]
    [InlineData(11u, true, 0, false, true)]
    [InlineData(10u, true, 0, false, false)]
    [InlineData(10u, false, 0, true, true)]
    [InlineData(10u, true, 0, true, false)]
    [InlineData(10u, true, 1, true, true)]
    [InlineData(10u, true, 1, false, true)]
    public void What_is_wanted_of_what_was_there(uint uid, bool seen, int hoursAfter, bool unseen, bool wanted) =>
        Assert.Equal(wanted, new StartBacklog(10, Noon, unseen).Wants(Message(uid, seen) with { InternalDate = Noon.AddHours(hoursAfter) }));

    [Fact]
    public void What_the_server_does_not_say_may_be_wanted() => Assert.True(new StartBacklog(10, Noon, Unseen: false).Wants(Message(3, seen: true)));

    /// <summary>Somebody reads meanwhile: what has not been looked at yet is passed over, what has been taken up is delivered, also by the next owner.</summary>
    [Fact]
    public void What_was_taken_up_is_delivered_though_it_has_been_read_since()
    {
        var cursor = new CursorTracker(new MailboxCursor { UidValidity = 7, LastUid = 0, StartBacklog = new StartBacklog(5, null, Unseen: true) }, _time);
        cursor.Take(Message(1, seen: false));
        cursor.Take(2);
        var pump = new DeliveryPump(cursor, this, null!, null!, new DeliveryOptions(1, 5));
        _line = new DeliveryLine(cursor, this, pump, _ => Task.CompletedTask, careful: false, _stopping.Token);
        // 1 was taken up by the last owner, 2 only named to it.
        _line.Enqueue([Message(1, seen: true), Message(2, seen: true), Message(3, seen: true), Message(4, seen: false)]);
        Assert.Equal([1u, 4u], cursor.Snapshot().Open.Keys);
        Assert.Equal(2, pump.Most - pump.Room);
        Assert.Empty(_line.Pending);
        Assert.NotNull(cursor.Snapshot().StartBacklog);
        _line.Enqueue([Message(5, seen: true), Message(6, seen: true)]);
        Assert.Equal([1u, 4u, 6u], cursor.Snapshot().Open.Keys);
        Assert.Null(cursor.Snapshot().StartBacklog);
        Assert.Empty(cursor.Snapshot().Gaps);
    }

    public async ValueTask DisposeAsync()
    {
        if (_line is not null)
            await _line.DisposeAsync();
        _stopping.Dispose();
    }

    void ICursorLog.Put(MailboxCursor cursor)
    {
    }

    ValueTask<bool> ICursorLog.KeepUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    Task<bool> ICursorLog.FlushAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    private static ImapEvent Message(uint uid, bool seen) => new() { Account = "ann", Folder = "INBOX", UidValidity = 7, Uid = uid, Flags = seen ? [@"\Seen"] : [] };
}
