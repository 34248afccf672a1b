using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;

namespace ImapTrigger.IntegrationTests.Ownership;

public sealed class BlobPartitionStoreTests : PartitionStoreContract, IClassFixture<AzuriteServer>
{
    private readonly AzuriteServer _azurite;
    // A container of its own per test; nobody has made it.
    private readonly BlobContainerClient _container;

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
    public async Task A_key_that_is_not_accepted_is_said_without_showing_it()
    {
        var key = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
        var store = new BlobPartitionStore(new BlobContainerClient(_azurite.ConnectionStringWith(key), "c12"), "app/f");
        var answer = await store.AcquireAsync(0, Guid.NewGuid(), Token);
        Assert.Equal(StoreOutcome.Forbidden, answer.Outcome);
        Assert.Contains("AzureWebJobsStorage", answer.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(key, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_app_whose_name_only_begins_alike_is_another()
    {
        var other = new BlobPartitionStore(_container, StateKey.Of("app2", "f"));
        var lease = Guid.NewGuid();
        await other.AcquireAsync(3, lease, Token);
        await other.WriteAsync(3, lease, PartitionState.Empty with { Mailboxes = PartitionState.Empty.Mailboxes.Add("m", new MailboxCursor { UidValidity = 1, LastUid = 1 }) }, Token);
        Assert.Empty((await NewRecords().ReadAsync([], Token)).Value!);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unreachable()
    {
        var nowhere = $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:{FreePort.Find(1)[0]}/a;";
        var store = new BlobPartitionStore(new BlobContainerClient(nowhere, "c12", new BlobClientOptions { Retry = { MaxRetries = 0 } }), "app/f");
        Assert.Equal(StoreOutcome.Unreachable, (await store.LookAsync(new Presence("us"), Token)).Outcome);
        Assert.Equal(StoreOutcome.Unreachable, (await new BlobAppRecords(new BlobContainerClient(nowhere, "c12", new BlobClientOptions { Retry = { MaxRetries = 0 } }), "app").ReadAsync([], Token)).Outcome);
        Assert.Equal(StoreOutcome.Unreachable, (await store.RenewAsync(0, Guid.NewGuid(), Token)).Outcome);
    }

    internal override IPartitionStore NewStore(string function) => new BlobPartitionStore(_container, StateKey.Of("app", function));

    internal override IAppRecords NewRecords() => new BlobAppRecords(_container, "app");

    internal override Task LoseAsync(IPartitionStore store, string function, int partition, Guid leaseId) =>
        BlobOf(function, partition).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Token);

    protected override Task OverwriteAsync(string function, int partition, string content) => BlobOf(function, partition).UploadAsync(new BinaryData(content), overwrite: true, Token);

    protected override async Task<string> ReadAsync(string function, int partition) =>
        (await BlobOf(function, partition).DownloadContentAsync(Token)).Value.Content.ToString();

    private static bool Asks(Uri uri, string request) => uri.Query.Split('?', '&').Contains($"comp={request}");

    private BlobPartitionStore NewStore(string function, HttpPipelinePolicy policy)
    {
        var options = new BlobClientOptions { Retry = { MaxRetries = 0 } };
        options.AddPolicy(policy, HttpPipelinePosition.PerCall);
        return new BlobPartitionStore(new BlobServiceClient(_azurite.ConnectionString, options).GetBlobContainerClient(_container.Name), StateKey.Of("app", function));
    }

    private BlobClient BlobOf(string function, int partition) => _container.GetBlobClient($"{StateKey.Of("app", function)}/{partition:00}.json");

    /// <summary>Does something before a request goes out.</summary>
    private sealed class Before(Func<Uri, Task> act) : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await act(message.Request.Uri.ToUri());
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
