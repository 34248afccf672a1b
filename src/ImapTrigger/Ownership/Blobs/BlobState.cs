using Azure.Storage.Blobs;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>All that is stored of one function, in one container below one prefix.</summary>
internal static class BlobState
{
    public static FunctionState In(BlobContainerClient container, string prefix) =>
        new(new BlobPartitionStore(container, prefix), new BlobPoisonStore(container, prefix));
}
