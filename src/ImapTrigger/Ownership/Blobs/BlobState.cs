using Azure.Storage.Blobs;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>All that is stored of one function, in one container.</summary>
internal static class BlobState
{
    public static FunctionState In(BlobContainerClient container, StorageSetting setting, string app, string function, TimeProvider time, Func<IAppRecords, LeftBehind> leftBehind) => new(
        new BlobPartitionStore(container, $"{app}/{function}", time, setting), new BlobPoisonStore(container, $"{app}/{function}", setting), leftBehind(new BlobAppRecords(container, app, setting)));
}
