using ImapTrigger.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>The mailboxes of a partition come and go while it is ours.</summary>
public sealed class PartitionListTests
{
    private const string Ann = "ann@h/INBOX";
    private static readonly int Number = PartitionMap.OwnPartitionOf(Ann);
    private static readonly int Partition = PartitionMap.PartitionOf(Ann);
    private readonly FakeTimeProvider _time = new();
    private readonly HookedStore _store;

    public PartitionListTests() => _store = new HookedStore(new SimulatedStore(_time).For(() => false));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    public async Task The_cursor_of_one_that_has_gone_is_kept_for_thirty_days(int days, bool kept)
    {
        await using (var lease = await AcquireAsync())
        {
            lease.Put(Ann, Cursor(7));
            lease.Leave(Number);
            Assert.Equal((7u, _time.GetUtcNow()), (lease.CursorOf(Ann)!.LastUid, lease.CursorOf(Ann)!.GoneSince));
        }

        _time.Advance(TimeSpan.FromDays(days));
        await using var later = await AcquireAsync(watched: false);
        later.Tidy();
        Assert.Equal(kept, later.CursorOf(Ann) is not null);
    }

    [Fact]
    public async Task One_that_comes_back_goes_on_and_has_its_thirty_days_anew()
    {
        await using var lease = await AcquireAsync();
        for (var round = 0; round < 3; round++)
        {
            lease.Put(Ann, (lease.CursorOf(Ann) ?? Cursor(7)) with { LastUid = 7 });
            lease.Leave(Number);
            lease.Tidy();
            Assert.NotNull(lease.CursorOf(Ann)!.GoneSince);
            _time.Advance(TimeSpan.FromDays(20));
            Assert.True(lease.Watch(Number));
            lease.Tidy();
            Assert.Equal((7u, null), (lease.CursorOf(Ann)!.LastUid, lease.CursorOf(Ann)!.GoneSince));
        }
    }

    /// <summary>Records that were written before there were sets know nothing of it.</summary>
    [Fact]
    public async Task One_that_nobody_has_in_its_list_is_noted_as_gone_when_it_is_seen_first()
    {
        await using (var before = await AcquireAsync())
            before.Put(Ann, Cursor(7));
        await using var lease = await AcquireAsync(watched: false);
        lease.Tidy();
        Assert.Equal((7u, _time.GetUtcNow()), (lease.CursorOf(Ann)!.LastUid, lease.CursorOf(Ann)!.GoneSince));
    }

    [Fact]
    public async Task One_whose_last_call_still_runs_is_not_given_away()
    {
        await using var lease = await AcquireAsync();
        lease.Put(Ann, Cursor(7));
        Assert.False(await lease.SetApartAsync(Number, Token));
        Assert.Empty(lease.Apart);
        lease.Leave(Number);
        Assert.True(await lease.SetApartAsync(Number, Token));
        Assert.Null(lease.CursorOf(Ann));
        Assert.False(lease.Watch(Number));
        Assert.DoesNotContain(Number, lease.Watched);
    }

    [Fact]
    public async Task One_that_comes_while_it_is_given_away_stays()
    {
        await using var lease = await AcquireAsync();
        lease.Put(Ann, Cursor(7));
        lease.Leave(Number);
        _store.OnWrite = partition =>
        {
            if (partition == Number)
                Assert.True(lease.Watch(Number));
        };
        Assert.False(await lease.SetApartAsync(Number, Token));
        Assert.Equal(7u, lease.CursorOf(Ann)?.LastUid);
        Assert.Empty(lease.Apart);
    }

    private static MailboxCursor Cursor(uint last) => new() { UidValidity = 1, LastUid = last };

    private async Task<PartitionLease> AcquireAsync(bool watched = true)
    {
        var context = new OwnerContext("f", LeaseTiming.Default, _time, NullLogger.Instance);
        var answer = await PartitionLease.AcquireAsync(new TimedStore(_store, LeaseTiming.Default.Call, _time), Partition, _ => watched ? [Number] : [], context, Token);
        return answer.Value!;
    }

    private sealed class HookedStore(IPartitionStore store) : IPartitionStore
    {
        public Action<int> OnWrite { get; set; } = _ => { };

        public string Location => store.Location;

        public Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken) => store.LookAsync(instance, cancellationToken);

        public Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken) => store.LeaveAsync(instance, cancellationToken);

        public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => store.AcquireAsync(partition, leaseId, cancellationToken);

        public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => store.RenewAsync(partition, leaseId, cancellationToken);

        public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken)
        {
            OnWrite(partition);
            return store.WriteAsync(partition, leaseId, state, cancellationToken);
        }

        public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) => store.ReleaseAsync(partition, leaseId, cancellationToken);
    }
}
