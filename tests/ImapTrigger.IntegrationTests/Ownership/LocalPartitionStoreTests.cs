using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Local;

namespace ImapTrigger.IntegrationTests.Ownership;

public sealed class LocalPartitionStoreTests : PartitionStoreContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-store-");

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        var blocked = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(blocked, "", Token);
        var answer = await new LocalPartitionStore(Path.Combine(blocked, "below")).AcquireAsync(0, Guid.NewGuid(), Token);
        Assert.Equal(StoreOutcome.Unreachable, answer.Outcome);
        Assert.Contains(blocked, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_people_have_put_there_are_no_partitions()
    {
        var store = NewStore("f");
        await store.AcquireAsync(0, Guid.NewGuid(), Token);
        foreach (var name in new[] { "00 (copy).json", "notes.json", "-1.json", "99999999999999999999.lock", "x.instance", " 7.json" })
            await File.WriteAllTextAsync(Path.Combine(FolderOf("f"), name), "{", Token);
        var view = (await store.LookAsync(new Presence("us"), Token)).Value!;
        Assert.Equal([0], view.Partitions.Keys);
        Assert.Equal(["us"], view.Instances.Select(instance => instance.Name));
        await store.LeaveAsync("us", Token);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    internal override IPartitionStore NewStore(string function) => new LocalPartitionStore(FolderOf(function));

    internal override IAppRecords NewRecords() => new LocalAppRecords(Path.Combine(_folder.FullName, "app"));

    /// <summary>The system frees it only with its holder; a holder that has let go of it must not write either.</summary>
    internal override Task LoseAsync(IPartitionStore store, string function, int partition, Guid leaseId) => store.ReleaseAsync(partition, leaseId, Token);

    protected override Task OverwriteAsync(string function, int partition, string content) => File.WriteAllTextAsync(FileOf(function, partition), content, Token);

    protected override Task<string> ReadAsync(string function, int partition) => File.ReadAllTextAsync(FileOf(function, partition), Token);

    private string FolderOf(string function) => Path.Combine(_folder.FullName, StateKey.Of("app", function));

    private string FileOf(string function, int partition) => Path.Combine(FolderOf(function), $"{partition:00}.json");
}
