using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.IntegrationTests.Ownership;

public sealed class BlobPartitionStoreTests : PartitionStoreContract, IClassFixture<AzuriteServer>
{
    private readonly AzuriteServer _azurite;
    // A container of its own per test; nobody has made it.
    private readonly BlobContainerClient _container;
    private readonly FakeTimeProvider _time = new();

    public BlobPartitionStoreTests(AzuriteServer azurite)
    {
        _azurite = azurite;
        _container = new BlobContainerClient(azurite.ConnectionString, $"c{Guid.NewGuid():N}");
    }

    [Fact]
    public async Task Listing_shows_what_is_held()
    {
        var store = NewStore("f");
        Assert.Empty((await store.LookAsync(null, Token)).Value!.Partitions);
        var lease = Guid.NewGuid();
        await store.AcquireAsync(3, lease, Token);
        await store.AcquireAsync(17, Guid.NewGuid(), Token);
        await NewStore("other").AcquireAsync(5, Guid.NewGuid(), Token);
        Assert.Equal([3, 17], await HeldAsync());
        await store.ReleaseAsync(3, lease, Token);
        Assert.Equal([17], await HeldAsync());

        async Task<IEnumerable<int>> HeldAsync() => (await store.LookAsync(null, Token)).Value!.Partitions.Where(partition => partition.Value.IsHeld).Select(partition => partition.Key).Order();
    }

    [Fact]
    public async Task A_lease_that_was_broken_is_lost_and_nothing_is_written()
    {
        var store = NewStore("f");
        var lease = Guid.NewGuid();
        await store.AcquireAsync(3, lease, Token);
        await store.WriteAsync(3, lease, PartitionState.Empty with { Owner = "us" }, Token);
        await BlobOf("f", 3).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Token);
        Assert.Equal(StoreOutcome.Lost, (await store.RenewAsync(3, lease, Token)).Outcome);
        var before = await ReadAsync("f", 3);
        Assert.Equal(StoreOutcome.Lost, (await store.WriteAsync(3, lease, PartitionState.Empty with { Owner = "stale" }, Token)).Outcome);
        Assert.Equal(before, await ReadAsync("f", 3));
    }

    [Fact]
    public async Task A_record_that_was_removed_is_lost_at_the_next_renewal()
    {
        var store = NewStore("f");
        var lease = Guid.NewGuid();
        await store.AcquireAsync(3, lease, Token);
        await BlobOf("f", 3).DeleteAsync(conditions: new BlobRequestConditions { LeaseId = lease.ToString() }, cancellationToken: Token);
        // Not the next write: Azurite makes the blob anew under a lease id that holds for nothing, where the service answers 412.
        Assert.Equal(StoreOutcome.Lost, (await store.RenewAsync(3, lease, Token)).Outcome);
    }

    [Theory]
    [InlineData("block", false)]
    [InlineData("block", true)]
    [InlineData("blocklist", false)]
    [InlineData("blocklist", true)]
    public async Task Who_loses_the_lease_in_the_middle_of_a_write_changes_nothing(string request, bool taken)
    {
        var lost = false;
        var before = new Before(async uri =>
        {
            if (!lost || !Asks(uri, request))
                return;
            lost = false;
            await BlobOf("f", 3).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Token);
            if (taken)
                await NewStore("f").AcquireAsync(3, Guid.NewGuid(), Token);
        });
        var store = NewStore("f", before);
        var lease = Guid.NewGuid();
        await store.AcquireAsync(3, lease, Token);
        var state = Large(mailboxes: 20);
        await store.WriteAsync(3, lease, state, Token);
        lost = true;
        Assert.Equal(StoreOutcome.Lost, (await store.WriteAsync(3, lease, Settled(state, 1), Token)).Outcome);
        Assert.False(lost);
        AssertSame(state, PartitionJson.Read((await BlobOf("f", 3).DownloadContentAsync(Token)).Value.Content.ToMemory().Span, out _)!);
    }

    /// <summary>A write whose answer was lost may have been made or not; what comes after it does not build on either.</summary>
    [Theory]
    [InlineData("block")]
    [InlineData("blocklist")]
    public async Task A_write_without_an_answer_is_followed_by_a_whole_one(string request)
    {
        var fails = false;
        var after = new After(uri =>
        {
            if (fails && Asks(uri, request))
                throw new IOException("The connection broke.");
        });
        var store = NewStore("f", after);
        var lease = Guid.NewGuid();
        await store.AcquireAsync(3, lease, Token);
        var state = Large(mailboxes: 20);
        for (var i = 0; i < 30; i++)
        {
            fails = i % 7 == 5;
            Assert.Equal(fails ? StoreOutcome.Unreachable : StoreOutcome.Done, (await store.WriteAsync(3, lease, state = Settled(state, i % 20), Token)).Outcome);
        }

        await store.ReleaseAsync(3, lease, Token);
        AssertSame(state, (await NewStore("f").AcquireAsync(3, lease, Token)).Value!);
    }

    [Fact]
    public async Task One_renewal_keeps_all_partitions_of_an_instance()
    {
        var leases = 0;
        var store = NewStore("f", new Before(uri =>
        {
            leases += Asks(uri, "lease") ? 1 : 0;
            return Task.CompletedTask;
        }));
        await store.LookAsync(new Presence("us"), Token);
        var held = Enumerable.Range(0, 5).ToDictionary(partition => partition, _ => Guid.NewGuid());
        foreach (var (partition, lease) in held)
        {
            await store.AcquireAsync(partition, lease, Token);
            // Before our name is in it nobody could tell whose it is.
            Assert.Null((await store.RenewAsync(partition, lease, Token)).Age);
            await store.WriteAsync(partition, lease, PartitionState.Empty with { Owner = "us" }, Token);
            Assert.NotNull((await store.RenewAsync(partition, lease, Token)).Age);
            Assert.Equal(LeaseDurationType.Infinite, (await BlobOf("f", partition).GetPropertiesAsync(cancellationToken: Token)).Value.LeaseDuration);
        }

        leases = 0;
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            foreach (var (partition, lease) in held)
                Assert.InRange((await store.RenewAsync(partition, lease, Token)).Age!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        }

        Assert.InRange(leases, 2, 3);
        foreach (var (partition, lease) in held)
            Assert.Equal(StoreOutcome.Done, (await store.ReleaseAsync(partition, lease, Token)).Outcome);
        Assert.Equal(StoreOutcome.Done, (await store.LeaveAsync("us", Token)).Outcome);
        Assert.Equal(StoreOutcome.Done, (await NewStore("f").AcquireAsync(3, Guid.NewGuid(), Token)).Outcome);
    }

    [Fact]
    public async Task What_an_instance_holds_is_its_own_while_it_lives_and_another_s_when_it_lives_no_more()
    {
        var (mine, other, lease) = (NewStore("f"), NewStore("f"), Guid.NewGuid());
        var state = await HoldAsync(mine, "us", 3, lease);
        await other.LookAsync(new Presence("them"), Token);
        Assert.Equal(StoreOutcome.Busy, (await other.AcquireAsync(3, Guid.NewGuid(), Token)).Outcome);
        Assert.True((await other.LookAsync(new Presence("them"), Token)).Value!.IsHeld(3));
        Assert.True(Assert.Single((await NewRecords().ReadAsync([], Token)).Value!).IsHeld);

        await DieAsync("us");
        Assert.False((await other.LookAsync(new Presence("them"), Token)).Value!.IsHeld(3));
        Assert.False(Assert.Single((await NewRecords().ReadAsync([], Token)).Value!).IsHeld);
        AssertSame(state, (await other.AcquireAsync(3, Guid.NewGuid(), Token)).Value!);
        Assert.Equal(StoreOutcome.Lost, (await mine.WriteAsync(3, lease, Settled(state, 0), Token)).Outcome);
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(StoreOutcome.Lost, (await mine.RenewAsync(3, lease, Token)).Outcome);
        Assert.Equal("them", (await mine.LookAsync(new Presence("us"), Token)).Value!.Partitions[3].Owner);
        // It lives again; what it held before, it does not hold for that.
        Assert.Equal(StoreOutcome.Lost, (await mine.RenewAsync(3, lease, Token)).Outcome);
    }

    [Fact]
    public async Task An_instance_that_was_taken_for_dead_takes_its_partition_again()
    {
        var (mine, lease) = (NewStore("f"), Guid.NewGuid());
        var state = await HoldAsync(mine, "us", 3, lease);
        await DieAsync("us");
        Assert.True(await BlobInstance.BuryAsync(_container, StateKey.Of("app", "f"), "us", Token));
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.False((await mine.LookAsync(new Presence("us"), Token)).Value!.IsHeld(3));
        Assert.Equal(StoreOutcome.Busy, (await NewStore("f").AcquireAsync(3, Guid.NewGuid(), Token)).Outcome);
        AssertSame(state, (await mine.AcquireAsync(3, Guid.NewGuid(), Token)).Value!);
        Assert.Equal(StoreOutcome.Lost, (await mine.WriteAsync(3, lease, state, Token)).Outcome);
    }

    /// <summary>Where one is between two of its steps, another does all of them.</summary>
    [Theory]
    [InlineData("lease", "break")]
    [InlineData("lease", "acquire")]
    [InlineData("metadata", null)]
    public async Task Of_two_who_inherit_one_holds_it_in_the_end(string request, string? action)
    {
        var lease = Guid.NewGuid();
        await HoldAsync(NewStore("f"), "us", 3, lease);
        await DieAsync("us");
        var (first, came) = (NewStore("f"), false);
        StoreAnswer<PartitionState> answer = default;
        var second = NewStore("f", new Before(async (uri, headers) =>
        {
            if (came || !Asks(uri, request) || !(action is null || (headers.TryGetValue("x-ms-lease-action", out var asked) && asked == action)) || (action == "acquire" && !(await IsBrokenAsync())))
                return;
            came = true;
            answer = await first.AcquireAsync(3, Guid.NewGuid(), Token);
        }));
        await second.LookAsync(new Presence("second"), Token);
        await first.LookAsync(new Presence("first"), Token);
        var other = await second.AcquireAsync(3, Guid.NewGuid(), Token);
        Assert.True(came);
        Assert.Equal([StoreOutcome.Done, StoreOutcome.Busy], new[] { answer.Outcome, other.Outcome }.Order());

        async Task<bool> IsBrokenAsync() => (await BlobOf("f", 3).GetPropertiesAsync(cancellationToken: Token)).Value.LeaseState == LeaseState.Broken;
    }

    /// <summary>As instances of earlier versions do, and each before its name is in the record.</summary>
    [Fact]
    public async Task A_lease_that_runs_out_by_itself_is_never_inherited()
    {
        var (mine, lease) = (NewStore("f"), Guid.NewGuid());
        await mine.AcquireAsync(3, lease, Token);
        await mine.WriteAsync(3, lease, PartitionState.Empty with { Owner = "us" }, Token);
        Assert.Equal(StoreOutcome.Busy, (await NewStore("f").AcquireAsync(3, Guid.NewGuid(), Token)).Outcome);
        Assert.True((await NewStore("f").LookAsync(null, Token)).Value!.IsHeld(3));
        Assert.Equal(StoreOutcome.Done, (await mine.RenewAsync(3, lease, Token)).Outcome);
    }

    [Fact]
    public async Task A_key_that_is_not_accepted_is_said_without_showing_it()
    {
        var key = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
        var store = new BlobPartitionStore(new BlobContainerClient(_azurite.ConnectionStringWith(key), "c12"), "app/f", _time);
        var answer = await store.AcquireAsync(0, Guid.NewGuid(), Token);
        Assert.Equal(StoreOutcome.Forbidden, answer.Outcome);
        Assert.Contains("AzureWebJobsStorage", answer.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(key, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_app_whose_name_only_begins_alike_is_another()
    {
        var other = new BlobPartitionStore(_container, StateKey.Of("app2", "f"), _time);
        var lease = Guid.NewGuid();
        await other.AcquireAsync(3, lease, Token);
        await other.WriteAsync(3, lease, PartitionState.Empty with { Mailboxes = PartitionState.Empty.Mailboxes.Add("m", new MailboxCursor { UidValidity = 1, LastUid = 1 }) }, Token);
        Assert.Empty((await NewRecords().ReadAsync([], Token)).Value!);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unreachable()
    {
        var nowhere = $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:{FreePort.Find(1)[0]}/a;";
        var store = new BlobPartitionStore(new BlobContainerClient(nowhere, "c12", new BlobClientOptions { Retry = { MaxRetries = 0 } }), "app/f", _time);
        Assert.Equal(StoreOutcome.Unreachable, (await store.LookAsync(new Presence("us"), Token)).Outcome);
        Assert.Equal(StoreOutcome.Unreachable, (await new BlobAppRecords(new BlobContainerClient(nowhere, "c12", new BlobClientOptions { Retry = { MaxRetries = 0 } }), "app").ReadAsync([], Token)).Outcome);
        Assert.Equal(StoreOutcome.Unreachable, (await store.RenewAsync(0, Guid.NewGuid(), Token)).Outcome);
    }

    internal override IPartitionStore NewStore(string function) => new BlobPartitionStore(_container, StateKey.Of("app", function), _time);

    internal override IAppRecords NewRecords() => new BlobAppRecords(_container, "app");

    internal override Task LoseAsync(IPartitionStore store, string function, int partition, Guid leaseId) =>
        BlobOf(function, partition).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Token);

    protected override Task OverwriteAsync(string function, int partition, string content) => BlobOf(function, partition).UploadAsync(new BinaryData(content), overwrite: true, Token);

    protected override async Task<string> ReadAsync(string function, int partition) =>
        (await BlobOf(function, partition).DownloadContentAsync(Token)).Value.Content.ToString();

    /// <summary>Under our instance's lease, which is all that is renewed.</summary>
    private static async Task<PartitionState> HoldAsync(IPartitionStore store, string instance, int partition, Guid lease)
    {
        await store.LookAsync(new Presence(instance), Token);
        await store.AcquireAsync(partition, lease, Token);
        var state = Large(mailboxes: 1) with { Owner = instance };
        await store.WriteAsync(partition, lease, state, Token);
        Assert.NotNull((await store.RenewAsync(partition, lease, Token)).Age);
        return state;
    }

    /// <summary>As when its lease has run out.</summary>
    private Task DieAsync(string instance) =>
        _container.GetBlobClient($"{StateKey.Of("app", "f")}/instance-{instance}.empty").GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Token);

    private static bool Asks(Uri uri, string request) => uri.Query.Split('?', '&').Contains($"comp={request}");

    private BlobPartitionStore NewStore(string function, HttpPipelinePolicy policy)
    {
        var options = new BlobClientOptions { Retry = { MaxRetries = 0 } };
        options.AddPolicy(policy, HttpPipelinePosition.PerCall);
        return new BlobPartitionStore(new BlobServiceClient(_azurite.ConnectionString, options).GetBlobContainerClient(_container.Name), StateKey.Of("app", function), _time);
    }

    private BlobClient BlobOf(string function, int partition) => _container.GetBlobClient($"{StateKey.Of("app", function)}/{partition:00}.json");

    /// <summary>Does something before a request goes out.</summary>
    private sealed class Before(Func<Uri, RequestHeaders, Task> act) : HttpPipelinePolicy
    {
        public Before(Func<Uri, Task> act)
            : this((uri, _) => act(uri))
        {
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await act(message.Request.Uri.ToUri(), message.Request.Headers);
            await ProcessNextAsync(message, pipeline);
        }
    }

    /// <summary>Does something before an answer comes in.</summary>
    private sealed class After(Action<Uri> act) : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            act(message.Request.Uri.ToUri());
        }
    }
}
