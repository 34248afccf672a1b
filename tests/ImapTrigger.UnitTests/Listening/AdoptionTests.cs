using ImapTrigger.Imap;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>Which cursor a mailbox without one goes on from. Its own is the function "on-mail", of which it is the only mailbox unless said otherwise.</summary>
public sealed class AdoptionTests : IAppRecords, ILogger
{
    private const uint Validity = 7;
    private const string Key = "ann@h/INBOX";
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly FakeFolder _folder = new();
    private readonly List<(int Id, LogLevel Level, string Text)> _log = [];
    private List<StoredCursor> _stored = [];
    private StoreOutcome _outcome = StoreOutcome.Done;
    private int _readings;

    string IAppRecords.Location => "memory";

    [Theory]
    [InlineData("on-mail", "Ann@h:993/INBOX")]
    [InlineData("on-mail", "ANN@h:143/INBOX")]
    [InlineData("on-mail", "ann@10.0.0.4/INBOX")]
    [InlineData("renamed", Key)]
    [InlineData("renamed", "ann@10.0.0.4:993/INBOX")]
    public async Task The_same_user_and_folder_under_one_UIDVALIDITY_is_the_same_mailbox(string function, string key)
    {
        Store(function, key, 10);
        Assert.Equal(10u, (await FindAsync())?.LastUid);
        Assert.Equal(340, Assert.Single(_log).Id);
    }

    [Theory]
    [InlineData("on-mail", "ann@h/Archive")]
    [InlineData("on-mail", "bob@h/INBOX")]
    [InlineData("configured", Key)]
    public async Task Another_mailbox_and_another_function_that_is_there_are_left_alone(string function, string key)
    {
        Store(function, key, 10);
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Of_a_mailbox_that_is_watched_too_the_cursor_stays_its_own()
    {
        Store("on-mail", "ann@10.0.0.4/INBOX", 10);
        Assert.Null(await FindAsync(mailboxes: [Key, "ann@10.0.0.4/INBOX"]));
    }

    [Fact]
    public async Task The_nearest_goes_first_and_of_equals_the_most_advanced()
    {
        Store("on-mail", "ann@10.0.0.4/INBOX", 12);
        Store("renamed", Key, 15);
        Store("on-mail", "ann@h:143/INBOX", 10);
        Store("on-mail", "Ann@h:993/INBOX", 9);
        Store("on-mail", "ann@h:1993/INBOX", 11);
        foreach (var next in new uint[] { 9, 11, 10, 12, 15 })
        {
            Assert.Equal(next, (await FindAsync())?.LastUid);
            _stored.RemoveAll(stored => stored.Cursor.LastUid == next);
        }
    }

    [Fact]
    public async Task Under_another_UIDVALIDITY_only_its_own_is_taken_for_the_policy_to_decide()
    {
        Store("on-mail", "ann@h:993/INBOX", 10, validity: 6);
        Assert.Equal(6u, (await FindAsync())?.UidValidity);
        _stored.Clear();
        Store("renamed", Key, 10, validity: 6);
        Store("on-mail", "ann@10.0.0.4/INBOX", 10, validity: 6);
        Assert.Null(await FindAsync());
        Assert.Contains("UIDVALIDITY", _log.Single(line => line.Id == 341).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_that_is_ahead_of_the_mailbox_is_not_its()
    {
        Store("renamed", Key, 100);
        Assert.Null(await FindAsync());
        Assert.Equal(341, Assert.Single(_log).Id);
    }

    [Theory]
    [InlineData("<a@h>", 500L, true)]
    [InlineData("<a@h>", 501L, true)]
    [InlineData("<b@h>", 500L, false)]
    [InlineData(null, 500L, true)]
    [InlineData(null, 501L, false)]
    public async Task The_message_that_was_settled_last_proves_it_or_the_contrary(string? id, long size, bool same)
    {
        _folder.Messages[10] = new Arrival(10, null, size, id);
        Store("on-mail", "bob@h/INBOX", 12, last: new MessageMark(10, 500, MessageIdentity.OfMessageId("<a@h>")));
        Assert.Equal(same, await FindAsync() is not null);
        _stored.Clear();
        Store("renamed", Key, 12, last: new MessageMark(10, 500, MessageIdentity.OfMessageId("<a@h>")));
        Assert.Equal(same, await FindAsync() is not null);
    }

    [Fact]
    public async Task When_that_message_has_gone_only_the_same_user_goes_on()
    {
        var last = new MessageMark(10, 500, MessageIdentity.OfMessageId("<a@h>"));
        Store("on-mail", "bob@h/INBOX", 12, last: last);
        Assert.Null(await FindAsync());
        _stored.Clear();
        Store("renamed", Key, 12, last: last);
        Assert.NotNull(await FindAsync());
    }

    [Fact]
    public async Task A_namesake_is_believed_only_with_a_proof_or_by_its_very_key()
    {
        // On servers that distinguish case, or two servers behind one host.
        var sources = MailboxSource.Of([new ImapMailbox { Account = Account("Ann", 993) }, new ImapMailbox { Account = Account("ann", 993) }], "INBOX");
        Store("on-mail", "ann@h:143/INBOX", 10);
        Assert.Null(await FindAsync(sources[0]));
        Store("on-mail", "Ann@h:993/INBOX", 11);
        Assert.Equal(11u, (await FindAsync(sources[0]))?.LastUid);
    }

    [Fact]
    public async Task The_proof_that_breaks_the_session_is_not_asked_for_again()
    {
        Store("renamed", Key, 12, last: new MessageMark(10, 500, null));
        _folder.Breaks = true;
        var adoption = Adoption([Key]);
        await Assert.ThrowsAsync<ImapSessionException>(() => adoption.FindAsync(Source, _folder, Token));
        Assert.NotNull(await adoption.FindAsync(Source, _folder, Token));
    }

    [Fact]
    public async Task An_owner_that_may_be_dead_is_waited_for()
    {
        Store("renamed", Key, 10, held: true);
        var finding = FindAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(35), finding);
        Assert.False(finding.IsCompleted);
        _stored = [.. _stored.Select(stored => stored with { IsHeld = false, Cursor = stored.Cursor with { LastUid = 11 } })];
        await AdvanceAsync(TimeSpan.FromSeconds(10), finding);
        Assert.Equal(11u, (await finding)?.LastUid);
    }

    [Fact]
    public async Task An_owner_that_lives_keeps_its_cursor_and_that_is_said()
    {
        Store("renamed", Key, 10, held: true);
        var finding = FindAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(70), finding);
        Assert.Null(await finding);
        Assert.Contains("somebody is using it", Assert.Single(_log).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_has_gone_long_ago_was_not_renamed()
    {
        Store("renamed", Key, 10, age: TimeSpan.FromDays(31));
        Assert.Null(await FindAsync());
        Assert.Equal(341, Assert.Single(_log).Id);
        _stored.Clear();
        // A mailbox may well be away for so long.
        Store("on-mail", "ann@10.0.0.4/INBOX", 10, age: TimeSpan.FromDays(400));
        Assert.NotNull(await FindAsync());
    }

    [Fact]
    public async Task Nothing_is_decided_while_the_store_does_not_answer()
    {
        Store("renamed", Key, 10);
        _outcome = StoreOutcome.Unreachable;
        var finding = FindAsync();
        await AdvanceAsync(TimeSpan.FromMinutes(3), finding);
        Assert.False(finding.IsCompleted);
        Assert.Equal(342, Assert.Single(_log).Id);
        _outcome = StoreOutcome.Done;
        await AdvanceAsync(TimeSpan.FromSeconds(10), finding);
        Assert.NotNull(await finding);
    }

    [Fact]
    public async Task In_a_list_a_new_mailbox_is_no_reason_for_a_warning()
    {
        Store("on-mail", "gone@h/INBOX", 10, validity: 6);
        Assert.Null(await FindAsync(mailboxes: [Key, "bob@h/INBOX"]));
        Assert.Empty(_log);
        Assert.Null(await FindAsync());
        Assert.Equal(341, Assert.Single(_log).Id);
    }

    [Fact]
    public async Task A_thousand_first_starts_read_the_store_once()
    {
        var adoption = Adoption([Key]);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => adoption.FindAsync(Source, _folder, Token)));
        Assert.Equal(1, _readings);
    }

    Task<StoreAnswer<IReadOnlyList<StoredCursor>>> IAppRecords.ReadAsync(IReadOnlyCollection<string> except, CancellationToken cancellationToken)
    {
        _readings++;
        return Task.FromResult(_outcome == StoreOutcome.Done
            ? new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Done, [.. _stored.Where(stored => !except.Contains(stored.Function))])
            : new StoreAnswer<IReadOnlyList<StoredCursor>>(_outcome, null, "It is away."));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Add((eventId.Id, logLevel, formatter(state, exception)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static MailboxSource Source => new(Account("Ann", 993), "INBOX");

    private static ImapAccount Account(string user, int port) => new() { UserName = user, Host = "h", Port = port, Password = "p" };

    private Task<MailboxCursor?> FindAsync(MailboxSource? source = null, IReadOnlyCollection<string>? mailboxes = null) =>
        Adoption(mailboxes ?? [(source ?? Source).Key]).FindAsync(source ?? Source, _folder, Token);

    private Adoption Adoption(IReadOnlyCollection<string> mailboxes) => new(new LeftBehind(this, "on-mail", () => ["on-mail", "configured"], _time), () => mailboxes.ToDictionary(key => key, _ => Source), isList: mailboxes.Count > 1, _time, this);

    private void Store(string function, string key, uint lastUid, uint validity = Validity, MessageMark? last = null, bool held = false, TimeSpan age = default) =>
        _stored.Add(new StoredCursor(function, key, new MailboxCursor { UidValidity = validity, LastUid = lastUid, Last = last }, held, _time.GetUtcNow() - age));

    private async Task AdvanceAsync(TimeSpan duration, Task until)
    {
        for (var passed = TimeSpan.Zero; passed < duration && !until.IsCompleted; passed += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    /// <summary>A folder of which only the message under a UID is asked for.</summary>
    private sealed class FakeFolder : IFolderView
    {
        public Dictionary<uint, Arrival> Messages { get; } = [];

        public bool Breaks { get; set; }

        public SelectedFolder Selected { get; } = new("INBOX", Validity, 20, 0, null);

        public Task<IReadOnlyList<Arrival>> FetchArrivalsAsync(IReadOnlyList<UidRange> ranges, bool messageIds, CancellationToken cancellationToken)
        {
            if (Breaks)
                throw new ImapSessionException(ImapSessionError.ConnectionLost, "It broke.");
            return Task.FromResult<IReadOnlyList<Arrival>>([.. Messages.Values.Where(message => ranges.Any(range => range.Contains(message.Uid)))]);
        }

        public bool HasIds => false;

        public IReadOnlyList<IdleUpdate> DrainUpdates() => throw new NotSupportedException();

        public Task<IReadOnlyList<uint>> FindAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<uint>> SearchAsync(IReadOnlyList<UidRange> ranges, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<FetchAnswer> FetchAsync(IReadOnlyList<uint> uids, FetchRung rung, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<FetchAnswer> FetchAboveAsync(uint uid, FetchRung rung, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Arrival>> FetchLastArrivalsAsync(int count, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<FolderStatus?> StatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
