using System.Collections.Immutable;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;

namespace ImapTrigger.IntegrationTests.Ownership;

/// <summary>What the lease logic relies on, on whatever store.</summary>
public abstract class PartitionStoreContract
{
    private readonly Guid _ours = Guid.NewGuid();
    private readonly Guid _theirs = Guid.NewGuid();

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partition_that_nobody_has_used_is_empty()
    {
        var answer = await NewStore("f").AcquireAsync(3, _ours, Token);
        Assert.Equal(StoreOutcome.Done, answer.Outcome);
        Assert.Empty(answer.Value!.Mailboxes);
    }

    [Fact]
    public async Task One_holds_it_and_the_other_is_told_so()
    {
        var (mine, other) = (NewStore("f"), NewStore("f"));
        await mine.AcquireAsync(3, _ours, Token);
        Assert.Equal(StoreOutcome.Busy, (await other.AcquireAsync(3, _theirs, Token)).Outcome);
        Assert.Equal(StoreOutcome.Done, (await other.AcquireAsync(4, _theirs, Token)).Outcome);
        Assert.Equal(StoreOutcome.Done, (await mine.RenewAsync(3, _ours, Token)).Outcome);
    }

    [Fact]
    public async Task Asking_twice_with_the_same_lease_is_harmless()
    {
        var store = NewStore("f");
        await store.AcquireAsync(3, _ours, Token);
        Assert.Equal(StoreOutcome.Done, (await store.AcquireAsync(3, _ours, Token)).Outcome);
    }

    [Fact]
    public async Task What_one_wrote_the_next_owner_reads()
    {
        var store = NewStore("f");
        await store.AcquireAsync(3, _ours, Token);
        var date = new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.FromHours(1));
        var open = new OpenMessage(2, date, Done: true);
        var cursor = new MailboxCursor { UidValidity = 7, LastUid = 4_294_967_295, Open = ImmutableSortedDictionary<uint, OpenMessage>.Empty.Add(5, open), LastDate = date, Recent = RecentMessages.Of(["a", "b"]), Last = new MessageMark(4, 100, "c"), Gaps = [new UidGap(6, 7, date, Looks: 1)], Probe = new UidGap(8, 9, date), Renumbered = new Renumbering(12, date) };
        var state = PartitionState.Empty with { Owner = "us", Epoch = 3, Watched = [35], Apart = [67, int.MaxValue], Mailboxes = PartitionState.Empty.Mailboxes.Add("ann@host:993/Ä \"x\"", cursor) };
        Assert.Equal(StoreOutcome.Done, (await store.WriteAsync(3, _ours, state, Token)).Outcome);
        Assert.Equal(StoreOutcome.Done, (await store.ReleaseAsync(3, _ours, Token)).Outcome);

        var read = (await NewStore("f").AcquireAsync(3, _theirs, Token)).Value!;
        Assert.Equal(("us", 3L), (read.Owner, read.Epoch));
        Assert.Equal([35], read.Watched);
        Assert.Equal([67, int.MaxValue], read.Apart);
        var (mailbox, found) = Assert.Single(read.Mailboxes);
        Assert.Equal(("ann@host:993/Ä \"x\"", 7u, uint.MaxValue, date), (mailbox, found.UidValidity, found.LastUid, found.LastDate));
        Assert.Equal([KeyValuePair.Create(5u, open)], found.Open);
        Assert.Equal("a b", found.Recent.ToString());
        Assert.Equal((cursor.Last, cursor.Probe, cursor.Renumbered), (found.Last, found.Probe, found.Renumbered));
        Assert.Equal(cursor.Gaps, found.Gaps);
    }

    [Fact]
    public async Task Whoever_does_not_hold_it_can_neither_write_nor_renew_nor_release()
    {
        var (mine, other) = (NewStore("f"), NewStore("f"));
        await mine.AcquireAsync(3, _ours, Token);
        await mine.WriteAsync(3, _ours, PartitionState.Empty with { Owner = "us" }, Token);
        await mine.ReleaseAsync(3, _ours, Token);
        await other.AcquireAsync(3, _theirs, Token);

        Assert.Equal(StoreOutcome.Lost, (await mine.WriteAsync(3, _ours, PartitionState.Empty with { Owner = "stale" }, Token)).Outcome);
        Assert.Equal(StoreOutcome.Lost, (await mine.RenewAsync(3, _ours, Token)).Outcome);
        Assert.Equal(StoreOutcome.Lost, (await mine.ReleaseAsync(3, _ours, Token)).Outcome);
        await other.ReleaseAsync(3, _theirs, Token);
        Assert.Equal("us", (await NewStore("f").AcquireAsync(3, _ours, Token)).Value!.Owner);
    }

    [Fact]
    public async Task A_look_shows_who_is_there_and_who_holds_what()
    {
        var (mine, other) = (NewStore("f"), NewStore("f"));
        var wanted = new Dictionary<int, int> { [3] = 77, [int.MaxValue] = 0 }.ToImmutableSortedDictionary();
        var us = new Presence("us") { Wanted = wanted, Asks = [1_234_567_890], Whole = [] };
        await mine.LookAsync(us with { Wanted = wanted.Clear() }, Token);
        await mine.LookAsync(us, Token);
        await mine.AcquireAsync(3, _ours, Token);
        await mine.WriteAsync(3, _ours, PartitionState.Empty with { Owner = "us", Watched = [35, 67], Apart = [99] }, Token);
        var view = (await other.LookAsync(new Presence("them"), Token)).Value!;
        Assert.Equal(["them", "us"], view.Instances.Select(instance => instance.Name).Order());
        var seen = view.Instances.Single(instance => instance.Name == "us");
        Assert.Equal(wanted, seen.Wanted!);
        Assert.Equal([1_234_567_890], seen.Asks);
        Assert.Empty(seen.Whole);
        Assert.Null(view.Instances.Single(instance => instance.Name == "them").Wanted);
        var (partition, held) = Assert.Single(view.Partitions);
        Assert.Equal((3, true, "us"), (partition, held.IsHeld, held.Owner));
        Assert.Equal([35, 67], held.Watched!);
        Assert.Equal([99], held.Apart);

        await mine.ReleaseAsync(3, _ours, Token);
        await mine.LeaveAsync("us", Token);
        view = (await other.LookAsync(new Presence("them"), Token)).Value!;
        Assert.Equal(["them"], view.Instances.Select(instance => instance.Name));
        Assert.False(view.IsHeld(3));
        Assert.Equal([99], view.ApartFrom(3));
        await other.LeaveAsync("them", Token);
    }

    [Fact]
    public async Task Functions_do_not_share_partitions()
    {
        await NewStore("f").AcquireAsync(3, _ours, Token);
        Assert.Equal(StoreOutcome.Done, (await NewStore("F").AcquireAsync(3, _theirs, Token)).Outcome);
    }

    [Theory]
    [InlineData("not JSON", "not readable")]
    [InlineData("{\"version\":99,\"partitions\":32,\"mailboxes\":{}}", "update")]
    [InlineData("{\"version\":1,\"partitions\":7,\"mailboxes\":{}}", "not one of ImapTrigger's")]
    public async Task A_record_that_cannot_be_understood_is_left_as_it_is(string content, string reason)
    {
        var store = NewStore("f");
        await store.AcquireAsync(3, _ours, Token);
        await store.ReleaseAsync(3, _ours, Token);
        await OverwriteAsync("f", 3, content);

        var answer = await store.AcquireAsync(3, _ours, Token);
        Assert.Equal(StoreOutcome.Unreadable, answer.Outcome);
        Assert.Contains(reason, answer.Reason, StringComparison.Ordinal);
        Assert.Equal(content, await ReadAsync("f", 3));
        // And it is free again: another version of us may understand it.
        Assert.Equal(StoreOutcome.Unreadable, (await NewStore("f").AcquireAsync(3, _theirs, Token)).Outcome);
    }

    [Fact]
    public async Task All_cursors_of_an_app_can_be_read_by_whoever_holds_nothing()
    {
        Assert.Empty((await NewRecords().ReadAsync([], Token)).Value!);
        var (held, free) = (NewStore("held"), NewStore("Free"));
        await held.AcquireAsync(3, _ours, Token);
        await held.WriteAsync(3, _ours, With("ann@host/INBOX", 7), Token);
        await free.AcquireAsync(31, _theirs, Token);
        await free.WriteAsync(31, _theirs, With("bob@host/Ä \"x\"", 8), Token);
        await free.ReleaseAsync(31, _theirs, Token);
        await NewStore("left out").AcquireAsync(0, _theirs, Token);

        var cursors = (await NewRecords().ReadAsync([StateKey.Segment("left out")], Token)).Value!;
        Assert.Equal(
            [("held", "ann@host/INBOX", 7u, true), (StateKey.Segment("Free"), "bob@host/Ä \"x\"", 8u, false)],
            cursors.Select(cursor => (cursor.Function, cursor.Mailbox, cursor.Cursor.LastUid, cursor.IsHeld)).OrderBy(cursor => cursor.LastUid));
        Assert.All(cursors, cursor => Assert.InRange(DateTimeOffset.UtcNow - cursor.Written, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(5)));
        // Nobody has lost anything by it.
        Assert.Equal(StoreOutcome.Done, (await held.RenewAsync(3, _ours, Token)).Outcome);
        Assert.Equal(StoreOutcome.Done, (await NewStore("Free").AcquireAsync(31, _ours, Token)).Outcome);
    }

    [Fact]
    public async Task Of_all_records_one_that_cannot_be_understood_hides_no_other()
    {
        var store = NewStore("f");
        foreach (var partition in new[] { 3, 4 })
        {
            await store.AcquireAsync(partition, _ours, Token);
            await store.WriteAsync(partition, _ours, With($"m{partition}@host/INBOX", 1), Token);
            await store.ReleaseAsync(partition, _ours, Token);
        }

        await OverwriteAsync("f", 3, "not JSON");
        Assert.Equal("m4@host/INBOX", Assert.Single((await NewRecords().ReadAsync([], Token)).Value!).Mailbox);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task A_record_of_an_earlier_version_is_carried_over_at_the_first_acquisition(string version)
    {
        var old = await File.ReadAllTextAsync(Path.Combine(Repository.Root, $"tests/ImapTrigger.UnitTests/Ownership/Records/version-{version}.json"), Token);
        var store = NewStore("f");
        await store.AcquireAsync(3, _ours, Token);
        await store.ReleaseAsync(3, _ours, Token);
        await OverwriteAsync("f", 3, old);
        var known = (await NewRecords().ReadAsync([], Token)).Value!.Count;

        var read = (await store.AcquireAsync(3, _ours, Token)).Value!;
        Assert.Equal((12L, known), (read.Epoch, read.Mailboxes.Count));
        Assert.Equal(old, await ReadAsync("f", 3));
        var ann = read.Mailboxes.First();
        read = With(read with { Epoch = 13 }, ann.Key, ann.Value with { LastUid = 4712 });
        Assert.Equal(StoreOutcome.Done, (await store.WriteAsync(3, _ours, read, Token)).Outcome);
        await store.ReleaseAsync(3, _ours, Token);
        AssertSame(read, (await NewStore("f").AcquireAsync(3, _theirs, Token)).Value!);
    }

    [Fact]
    public async Task A_record_with_a_million_bytes_of_history_is_read_as_it_was_written()
    {
        var store = NewStore("f");
        await store.AcquireAsync(3, _ours, Token);
        var (random, state) = (new Random(1), Large(mailboxes: 300));
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(StoreOutcome.Done, (await store.WriteAsync(3, _ours, state, Token)).Outcome);
            state = Settled(state, random.Next(300));
        }

        // Whoever looks meanwhile sees a state that there was.
        var cursors = (await NewRecords().ReadAsync([], Token)).Value!;
        Assert.Equal(300, cursors.Count);
        await store.WriteAsync(3, _ours, state, Token);
        await store.ReleaseAsync(3, _ours, Token);
        Assert.InRange((await ReadAsync("f", 3)).Length, 1_000_000, 3_000_000);
        AssertSame(state, (await NewStore("f").AcquireAsync(3, _theirs, Token)).Value!);
    }

    [Fact]
    public async Task Who_lost_a_large_record_cannot_add_to_it_and_the_next_owner_does_not_build_on_what_was_there()
    {
        var (mine, other) = (NewStore("f"), NewStore("f"));
        await mine.AcquireAsync(3, _ours, Token);
        var state = Large(mailboxes: 20);
        await mine.WriteAsync(3, _ours, state, Token);
        await mine.WriteAsync(3, _ours, state = Settled(state, 1), Token);
        await LoseAsync(mine, "f", 3, _ours);
        Assert.Equal(StoreOutcome.Done, (await other.AcquireAsync(3, _theirs, Token)).Outcome);
        Assert.Equal(StoreOutcome.Lost, (await mine.WriteAsync(3, _ours, Settled(state, 2), Token)).Outcome);
        await other.WriteAsync(3, _theirs, state = Settled(state, 3), Token);
        await other.WriteAsync(3, _theirs, state = Settled(state, 4), Token);
        Assert.Equal(StoreOutcome.Lost, (await mine.WriteAsync(3, _ours, Settled(state, 5), Token)).Outcome);
        await other.ReleaseAsync(3, _theirs, Token);

        // The same process, another lease: what it knew does not hold any more.
        var again = Guid.NewGuid();
        AssertSame(state, (await mine.AcquireAsync(3, again, Token)).Value!);
        await mine.WriteAsync(3, again, state = Settled(state, 6), Token);
        await mine.ReleaseAsync(3, again, Token);
        AssertSame(state, (await other.AcquireAsync(3, _theirs, Token)).Value!);
    }

    private protected static void AssertSame(PartitionState expected, PartitionState actual) => Assert.Equal(RecordText.Whole(expected), RecordText.Whole(actual));

    /// <summary>Every mailbox with all the history that it can have.</summary>
    private protected static PartitionState Large(int mailboxes) => Enumerable.Range(0, mailboxes).Aggregate(PartitionState.Empty with { Owner = "us", Epoch = 1 }, (state, i) => With(
        state, $"user{i}@host/INBOX", new MailboxCursor { UidValidity = 1, LastUid = 400, Recent = RecentMessages.Of(Enumerable.Range(0, RecentMessages.Most).Select(uid => MessageIdentity.Of($"{i} {uid}", 1, null))) }));

    private protected static PartitionState Settled(PartitionState state, int mailbox)
    {
        var cursor = state.Mailboxes[$"user{mailbox}@host/INBOX"];
        return With(state, $"user{mailbox}@host/INBOX", cursor with { LastUid = cursor.LastUid + 1, Recent = cursor.Recent.Add(MessageIdentity.Of($"{mailbox} {cursor.LastUid}", 1, null)) });
    }

    private static PartitionState With(PartitionState state, string mailbox, MailboxCursor cursor) => state with { Mailboxes = state.Mailboxes.SetItem(mailbox, cursor) };

    /// <summary>The lease ends and its holder does not know.</summary>
    internal abstract Task LoseAsync(IPartitionStore store, string function, int partition, Guid leaseId);

    private static PartitionState With(string mailbox, uint lastUid) =>
        PartitionState.Empty with { Mailboxes = PartitionState.Empty.Mailboxes.Add(mailbox, new MailboxCursor { UidValidity = 1, LastUid = lastUid }) };

    internal abstract IPartitionStore NewStore(string function);

    /// <summary>The records of all the functions.</summary>
    internal abstract IAppRecords NewRecords();

    protected abstract Task OverwriteAsync(string function, int partition, string content);

    protected abstract Task<string> ReadAsync(string function, int partition);
}
