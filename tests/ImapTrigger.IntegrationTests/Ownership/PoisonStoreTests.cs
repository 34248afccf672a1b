using System.Text;
using Azure.Storage.Blobs;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Ownership;
using ImapTrigger.Ownership.Blobs;
using ImapTrigger.Ownership.Local;

namespace ImapTrigger.IntegrationTests.Ownership;

/// <summary>Where poisoned messages lie, on whatever store: readable by people, replayed by copying a record.</summary>
public abstract class PoisonStoreContract
{
    private static readonly PoisonRecord Record = new()
    {
        Mailbox = "ann@example.org@host:993/Archive/2026",
        Function = "OnMail",
        Event = new ImapEvent { Account = "ann@example.org", Folder = "Archive/2026", UidValidity = 7, Uid = 42, Subject = "../../x" },
        Attempts = 5,
        Error = "It failed.",
        PoisonedAt = new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero),
    };

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_put_aside_is_there_and_comes_back_once_when_its_record_is_copied()
    {
        var store = NewStore();
        Assert.Equal(StoreOutcome.Done, (await store.PutAsync(Record, [1, 2, 3], Token)).Outcome);
        Assert.Empty((await store.ListReplaysAsync(Token)).Value!);

        await CopyToReplayAsync(Record);
        Assert.Equal([Record.Name], (await store.ListReplaysAsync(Token)).Value!);
        var replay = (await store.ReadReplayAsync(Record.Name, Token)).Value!;
        Assert.Equal((42u, "../../x", 5, "It failed."), (replay.Event.Uid, replay.Event.Subject, replay.Attempts, replay.Error));
        // Reading takes nothing; of two who take it, one does.
        Assert.Equal([Record.Name], (await store.ListReplaysAsync(Token)).Value!);
        Assert.Equal(StoreOutcome.Done, (await store.TakeReplayAsync(Record.Name, Token)).Outcome);
        Assert.Equal(StoreOutcome.Lost, (await store.TakeReplayAsync(Record.Name, Token)).Outcome);
        Assert.Equal(StoreOutcome.Busy, (await store.ReadReplayAsync(Record.Name, Token)).Outcome);
        Assert.Empty((await store.ListReplaysAsync(Token)).Value!);
        Assert.Equal([1, 2, 3], (await store.ReadRawAsync(replay, Token)).Value!);
        // Its call was cancelled: it is there again as it was.
        Assert.Equal(StoreOutcome.Done, (await store.ReturnReplayAsync(Record.Name, replay, Token)).Outcome);
        Assert.Equal([Record.Name], (await store.ListReplaysAsync(Token)).Value!);
        Assert.Equal("It failed.", (await store.ReadReplayAsync(Record.Name, Token)).Value!.Error);
        Assert.Equal(StoreOutcome.Done, (await store.TakeReplayAsync(Record.Name, Token)).Outcome);

        await store.RemoveAsync(replay, Token);
        Assert.Empty((await store.ReadRawAsync(replay, Token)).Value!);
        await Assert.ThrowsAnyAsync<Exception>(() => CopyToReplayAsync(Record));
    }

    [Fact]
    public async Task A_message_that_could_not_be_read_is_put_aside_without_it()
    {
        var store = NewStore();
        Assert.Equal(StoreOutcome.Done, (await store.PutAsync(Record, raw: null, Token)).Outcome);
        Assert.Equal((StoreOutcome.Done, 0), ((await store.ReadRawAsync(Record, Token)).Outcome, (await store.ReadRawAsync(Record, Token)).Value!.Length));
    }

    [Theory]
    [InlineData("not JSON", "not a record")]
    [InlineData("{}", "not a record")]
    [InlineData("null", "not a record")]
    [InlineData(null, "another mailbox")]
    public async Task What_cannot_be_replayed_is_said_and_kept(string? content, string reason)
    {
        var store = NewStore();
        var name = content is null ? "elsewhere/7-42" : Record.Name;
        await WriteReplayAsync(name, content ?? Encoding.UTF8.GetString(PartitionJson.Write(Record)));
        var answer = await store.ReadReplayAsync(name, Token);
        Assert.Equal(StoreOutcome.Unreadable, answer.Outcome);
        Assert.Contains(reason, answer.Reason, StringComparison.Ordinal);
        Assert.Equal([name], (await store.ListReplaysAsync(Token)).Value!);
    }

    internal abstract IPoisonStore NewStore();

    protected abstract Task WriteReplayAsync(string name, string content);

    /// <summary>As a person would.</summary>
    internal abstract Task CopyToReplayAsync(PoisonRecord record);
}

public sealed class LocalPoisonStoreTests : PoisonStoreContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-poison-");

    public void Dispose() => _folder.Delete(recursive: true);

    internal override IPoisonStore NewStore() => new LocalPoisonStore(_folder.FullName, "app/f");

    protected override Task WriteReplayAsync(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, "replay/app/f", $"{name}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllTextAsync(path, content, Token);
    }

    internal override Task CopyToReplayAsync(PoisonRecord record)
    {
        var to = Path.Combine(_folder.FullName, "replay/app/f", $"{record.Name}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(Path.Combine(_folder.FullName, "poison/app/f", $"{record.Name}.json"), to);
        return Task.CompletedTask;
    }
}

public sealed class BlobPoisonStoreTests(AzuriteServer azurite) : PoisonStoreContract, IClassFixture<AzuriteServer>
{
    private readonly BlobContainerClient _container = new(azurite.ConnectionString, $"c{Guid.NewGuid():N}");

    internal override IPoisonStore NewStore()
    {
        _container.CreateIfNotExists(cancellationToken: Token);
        return new BlobPoisonStore(_container, "app/f");
    }

    protected override async Task WriteReplayAsync(string name, string content)
    {
        await _container.CreateIfNotExistsAsync(cancellationToken: Token);
        await _container.GetBlobClient($"replay/app/f/{name}.json").UploadAsync(new BinaryData(content), Token);
    }

    internal override async Task CopyToReplayAsync(PoisonRecord record)
    {
        var content = await _container.GetBlobClient($"poison/app/f/{record.Name}.json").DownloadContentAsync(Token);
        await _container.GetBlobClient($"replay/app/f/{record.Name}.json").UploadAsync(content.Value.Content, Token);
    }
}
