using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>From where on a folder is delivered: what a server promises is no message, and no answer of its alone proves that UIDs mean something else (laws 13 and 14).</summary>
public sealed class StartPointTests : IFolderView
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly List<Arrival> _messages = [];
    private uint? _statusUidNext;

    public SelectedFolder Selected { get; private set; } = new("INBOX", 7, null, 0, null);

    public bool HasIds => false;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(900u)]
    [InlineData(13u)]
    [InlineData(1u)]
    [InlineData(null)]
    public async Task The_first_start_begins_after_the_highest_message_and_not_before_what_is_promised(uint? uidNext)
    {
        Fill(uidNext, 10, 12);
        Assert.Equal(12u, (await FindAsync(recorded: null)).LastUid);
    }

    [Fact]
    public async Task A_message_from_the_future_makes_nothing_old_that_comes_until_then()
    {
        Fill(13, 10);
        _messages.Add(new Arrival(12, _time.GetUtcNow().AddYears(70), 100, "<later@example.org>"));
        Assert.Equal(_time.GetUtcNow(), (await FindAsync(recorded: null)).LastDate);
    }

    /// <summary>A mistake in the settings may be found late: "from now on" is since the first start, whatever number of messages has come by then.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(50)]
    [InlineData(170)]
    public async Task What_came_since_the_mailbox_is_wanted_is_new_though_it_could_not_be_opened_then(int came)
    {
        var since = _time.GetUtcNow().AddHours(-5);
        _messages.AddRange(Enumerable.Range(1, 100).Select(uid => Came((uint)uid, since.AddMinutes(uid - 100))));
        // One that is dated later than now is no newer for that.
        _messages.Add(Came(101, since.AddYears(70)));
        _messages.AddRange(Enumerable.Range(1, came).Select(i => Came((uint)(101 + i), since.AddMinutes(i))));
        Selected = new SelectedFolder("INBOX", 7, null, _messages.Count, null);
        var cursor = await FindAsync(MailboxCursor.Wanted(since));
        Assert.Equal((7u, 101u, (DateTimeOffset?)null), (cursor.UidValidity, cursor.LastUid, cursor.WantedSince));
        Assert.Equal((uint)(101 + came), (await FindAsync(recorded: null)).LastUid);
    }

    [Fact]
    public async Task A_mailbox_that_is_opened_at_once_begins_after_what_is_there()
    {
        Fill(13, 10, 12);
        Assert.Equal(12u, (await FindAsync(MailboxCursor.Wanted(_time.GetUtcNow()))).LastUid);
    }

    [Theory]
    [InlineData(21u, null, true)]
    [InlineData(null, null, true)]
    [InlineData(13u, 21u, true)]
    [InlineData(13u, null, true)]
    [InlineData(13u, 13u, false)]
    public async Task Uids_have_gone_back_only_when_several_answers_say_so(uint? selected, uint? status, bool holds)
    {
        Fill(selected, 10, 12);
        _statusUidNext = status;
        Assert.Equal(holds, await HoldsAsync());
    }

    [Fact]
    public async Task Where_the_last_message_is_still_there_nothing_has_gone_back()
    {
        Fill(13, 10, 20);
        _statusUidNext = 13;
        Assert.True(await HoldsAsync());
    }

    [Fact]
    public async Task Under_another_UIDVALIDITY_no_cursor_holds()
    {
        Fill(21, 10, 20);
        Selected = Selected with { UidValidity = 8 };
        Assert.False(await HoldsAsync());
    }

    /// <summary>A server may take in two messages in one order and show them in another.</summary>
    [Theory]
    [InlineData(-4, 10u)]
    [InlineData(-6, 11u)]
    public async Task What_came_a_little_before_the_last_that_is_known_may_be_new(int minutes, uint lastUid)
    {
        var last = _time.GetUtcNow().AddDays(-1);
        Selected = new SelectedFolder("INBOX", 8, 13, 3, null);
        _messages.AddRange([Came(10, last.AddDays(-1)), Came(11, last.AddMinutes(minutes)), Came(12, last.AddMinutes(1))]);
        var cursor = await FindAsync(new MailboxCursor { UidValidity = 7, LastUid = 500, LastDate = last });
        Assert.Equal(lastUid, cursor.LastUid);
        Assert.Equal(new Renumbering(12, last), cursor.Renumbered);
    }

    IReadOnlyList<IdleUpdate> IFolderView.DrainUpdates() => [];

    Task<IReadOnlyList<uint>> IFolderView.FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<uint>>([.. In(ranges).Select(message => message.Uid)]);

    Task<IReadOnlyList<uint>> IFolderView.SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FetchAnswer> IFolderView.FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<FetchAnswer> IFolderView.FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<Arrival>> IFolderView.FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Arrival>>([.. In(ranges)]);

    Task<IReadOnlyList<Arrival>> IFolderView.FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Arrival>>([.. _messages.TakeLast(count)]);

    Task<FolderStatus?> IFolderView.StatusAsync(CancellationToken cancellationToken) => Task.FromResult<FolderStatus?>(new FolderStatus(Selected.UidValidity, _statusUidNext, null, null));

    private IEnumerable<Arrival> In(IReadOnlyList<UidRange> ranges) => _messages.Where(message => ranges.Any(range => range.Contains(message.Uid)));

    private static Arrival Came(uint uid, DateTimeOffset date) => new(uid, date, 100, $"<{uid}@example.org>");

    private void Fill(uint? uidNext, params uint[] uids)
    {
        Selected = new SelectedFolder("INBOX", 7, uidNext, uids.Length, null);
        _messages.AddRange(uids.Select(uid => Came(uid, _time.GetUtcNow().AddHours(-1))));
    }

    /// <summary>A cursor that stands at 20.</summary>
    private Task<bool> HoldsAsync() => StartPoint.HoldsAsync(this, new MailboxCursor { UidValidity = 7, LastUid = 20 }, Token);

    private Task<MailboxCursor> FindAsync(MailboxCursor? recorded)
    {
        var source = new MailboxSource(new ImapAccount { Host = "h", UserName = "ann" }, "INBOX");
        return new StartPoint(source, adoption: null, UidValidityPolicy.Continue, _time, NullLogger.Instance).FindAsync(this, recorded, Token);
    }
}
