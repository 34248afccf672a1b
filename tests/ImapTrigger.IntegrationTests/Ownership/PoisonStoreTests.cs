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
        Assert.Empty((await store.TakeReplaysAsync(Record.Mailbox, Token)).Value!);

        await CopyToReplayAsync(Record);
        Assert.Empty((await store.TakeReplaysAsync("another@host:993/INBOX", Token)).Value!);
        var replay = Assert.Single((await store.TakeReplaysAsync(Record.Mailbox, Token)).Value!);
        Assert.Equal((42u, "../../x", 5, "It failed."), (replay.Event.Uid, replay.Event.Subject, replay.Attempts, replay.Error));
        Assert.Empty((await store.TakeReplaysAsync(Record.Mailbox, Token)).Value!);
        Assert.Equal([1, 2, 3], (await store.ReadRawAsync(replay, Token)).Value!);

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

    internal abstract IPoisonStore NewStore();

    /// <summary>As a person would.</summary>
    internal abstract Task CopyToReplayAsync(PoisonRecord record);
}

public sealed class LocalPoisonStoreTests : PoisonStoreContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-poison-");

    public void Dispose() => _folder.Delete(recursive: true);

    internal override IPoisonStore NewStore() => new LocalPoisonStore(_folder.FullName, "app/f");

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

    internal override async Task CopyToReplayAsync(PoisonRecord record)
    {
        var content = await _container.GetBlobClient($"poison/app/f/{record.Name}.json").DownloadContentAsync(Token);
        await _container.GetBlobClient($"replay/app/f/{record.Name}.json").UploadAsync(content.Value.Content, Token);
    }
}
