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

    protected override Task OverwriteAsync(string function, int partition, string content) => BlobOf(function, partition).UploadAsync(new BinaryData(content), overwrite: true, Token);

    protected override async Task<string> ReadAsync(string function, int partition) =>
        (await BlobOf(function, partition).DownloadContentAsync(Token)).Value.Content.ToString();

    private BlobClient BlobOf(string function, int partition) => _container.GetBlobClient($"{StateKey.Of("app", function)}/{partition:00}.json");
}
