using Azure.Storage.Blobs;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>All that is stored of one function, in one container.</summary>
internal static class BlobState
{
    public static FunctionState In(BlobContainerClient container, string key) =>
        new(new BlobPartitionStore(container, key), new BlobPoisonStore(container, key));
}
