using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Local;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class LocalRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    /// <summary>Whoever writes into the file itself has, for a moment, neither; who has it open then sees what a crash would leave.</summary>
    [Fact]
    public async Task The_old_record_stays_whole_until_the_new_one_is()
    {
        var token = TestContext.Current.CancellationToken;
        var store = new LocalPartitionStore(_folder);
        var lease = Guid.NewGuid();
        var state = (await store.AcquireAsync(0, lease, token)).Value!;
        await store.WriteAsync(0, lease, state with { Owner = "first" }, token);
        await using var old = new FileStream(Path.Combine(_folder, "00.json"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);

        await store.WriteAsync(0, lease, state with { Owner = "second" }, token);

        Assert.Equal("first", await OwnerAsync(old));
        await using var now = File.OpenRead(Path.Combine(_folder, "00.json"));
        Assert.Equal("second", await OwnerAsync(now));
        await store.ReleaseAsync(0, lease, token);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string?> OwnerAsync(Stream record)
    {
        using var json = new MemoryStream();
        await record.CopyToAsync(json, TestContext.Current.CancellationToken);
        return PartitionJson.Read(json.ToArray(), out _)?.Owner;
    }
}
