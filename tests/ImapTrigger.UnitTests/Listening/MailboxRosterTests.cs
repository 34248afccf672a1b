using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>What becomes of the lists that a source says.</summary>
public sealed class MailboxRosterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly ListedSource _source = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _changes;

    [Fact]
    public async Task A_mailbox_that_is_there_twice_is_there_once_and_that_is_said_once()
    {
        var roster = Follow();
        _source.Say("ann", "bob", "ann");
        await ChangedAsync(1);
        Assert.Equal(["ann@h/INBOX", "bob@h/INBOX"], roster.Current.Mailboxes.Keys.Order());
        _source.Say("ann", "ann", "bob", "cy");
        await ChangedAsync(2);
        Assert.Equal("OnMail: ann@h/INBOX: is there more than once in 'Customers'; the first is watched, once.", Assert.Single(_log.All, line => line.EventId == 331).Text);
    }

    [Fact]
    public async Task The_same_list_again_changes_nothing()
    {
        var roster = Follow();
        _source.Say("ann", "bob");
        await ChangedAsync(1);
        var current = roster.Current;
        _source.Say("bob", "ann");
        _source.Say("ann", "bob:changed");
        await ChangedAsync(2);
        Assert.Same(current.Mailboxes["ann@h/INBOX"].Account.Host, roster.Current.Mailboxes["ann@h/INBOX"].Account.Host);
        Assert.Equal(["2 came, 0 went, 0 changed; 2 in all.", "0 came, 0 went, 1 changed; 2 in all."], _log.All.Where(line => line.EventId == 330).Select(line => line.Text.Split("': ")[1]));
    }

    /// <summary>Whoever reads a database makes the delegates of tokens anew each time.</summary>
    [Fact]
    public async Task Another_delegate_for_tokens_is_asked_at_the_next_login_and_is_no_change()
    {
        var roster = Follow();
        _source.Say([WithToken("first")]);
        await ChangedAsync(1);
        var account = Assert.Single(roster.Current.Mailboxes).Value.Account;
        Assert.Equal("first", await account.AccessToken!(CancellationToken.None));
        _source.Say([WithToken("second")]);
        _source.Say([WithToken("third"), .. ListedSource.Of("bob")]);
        await ChangedAsync(2);
        Assert.Equal("third", await account.AccessToken!(CancellationToken.None));
        Assert.Equal(account, roster.Current.Mailboxes["ann@h/INBOX"].Account);

        static ImapMailbox WithToken(string token) => new() { Account = new ImapAccount { Host = "h", UserName = "ann", AccessToken = _ => Task.FromResult(token) } };
    }

    [Theory]
    [InlineData(true, LogLevel.Warning)]
    [InlineData(false, LogLevel.Error)]
    public async Task A_source_that_fails_changes_nothing_is_told_and_read_anew(bool hasSaid, LogLevel level)
    {
        var roster = Follow();
        if (hasSaid)
        {
            _source.Say("ann");
            await ChangedAsync(1);
        }

        _source.Fail();
        await _time.PassUntilAsync(() => _log.CountOf(334) == 1);
        Assert.Equal((level, hasSaid ? 1 : 0), (_log.All.Single(line => line.EventId == 334).Level, roster.Current.Mailboxes.Count));
        _source.Say("ann", "bob");
        await _time.PassUntilAsync(() => roster.Current.Mailboxes.Count == 2);
        Assert.Equal(2, _source.Readings);
    }

    [Fact]
    public async Task A_source_that_has_ended_has_said_its_last_list()
    {
        var roster = Follow();
        _source.Say("ann");
        _source.End();
        await ChangedAsync(1);
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal((1, 1), (_source.Readings, roster.Current.Mailboxes.Count));
        Assert.DoesNotContain(_log.All, line => line.EventId == 334);
    }

    [Fact]
    public async Task A_source_that_does_not_heed_its_token_holds_no_stop()
    {
        var roster = New(new DeafSource());
        var following = roster.FollowAsync(_stopping.Token);
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_whose_mail_would_be_moved_into_the_watched_folder_is_left_out()
    {
        var roster = New(_source, new AfterActions(new AfterAction(AfterActionKind.Move, "Done"), AfterAction.None));
        _ = roster.FollowAsync(_stopping.Token);
        var ann = ListedSource.Of("ann")[0];
        _source.Say([ann with { Folder = "Done" }, ann]);
        await ChangedAsync(1);
        Assert.Equal("ann@h/INBOX", Assert.Single(roster.Current.Mailboxes).Key);
        Assert.Equal(1, _log.CountOf(332));
    }

    [Fact]
    public async Task A_tag_is_part_of_what_people_read_and_of_no_key()
    {
        var roster = Follow();
        _source.Say([ListedSource.Of("ann")[0] with { Tag = "tenant-17" }]);
        await ChangedAsync(1);
        Assert.Equal(("ann@h/INBOX", "OnMail: ann@h/INBOX (tenant-17)"), (Assert.Single(roster.Current.Mailboxes).Key, roster.Current.Mailboxes["ann@h/INBOX"].ToString()));
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private Task ChangedAsync(int times) => _time.PassUntilAsync(() => Volatile.Read(ref _changes) >= times);

    private MailboxRoster Follow()
    {
        var roster = New(_source);
        _ = roster.FollowAsync(_stopping.Token);
        return roster;
    }

    private MailboxRoster New(IImapMailboxSource source, AfterActions? actions = null)
    {
        var roster = new MailboxRoster("OnMail", new TriggerSettings(source, [], "INBOX", actions ?? new AfterActions(AfterAction.None, AfterAction.None), null), _time, _log);
        roster.Changed += () => Interlocked.Increment(ref _changes);
        return roster;
    }

    private sealed class DeafSource : IImapMailboxSource
    {
        public string Connection => "Deaf";

        public async IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task;
            yield break;
        }
    }
}
