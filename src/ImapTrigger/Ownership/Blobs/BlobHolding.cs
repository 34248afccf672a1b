using Azure.Storage.Blobs.Models;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>Who holds a partition's blob: whoever has a lease on it that runs out by itself; or, for as long as he lives, the instance that is named in it.</summary>
internal static class BlobHolding
{
    public const string OwnerKey = "owner";

    /// <summary>The instances in a listing that live.</summary>
    public static IReadOnlySet<string> Living(IEnumerable<BlobItem> blobs) => blobs
        .Where(blob => blob.Properties.LeaseState == LeaseState.Leased && InstanceOf(blob) is not null).Select(blob => InstanceOf(blob)!).ToHashSet(StringComparer.Ordinal);

    /// <summary>The instance that a blob stands for; null when it stands for none.</summary>
    public static string? InstanceOf(BlobItem blob) =>
        Path.GetFileNameWithoutExtension(blob.Name) is var name && name.StartsWith(BlobInstance.Prefix, StringComparison.Ordinal) ? name[BlobInstance.Prefix.Length..] : null;

    public static bool IsHeld(BlobItem blob, IReadOnlySet<string> living) => blob.Properties.LeaseState == LeaseState.Leased
        && (blob.Properties.LeaseDuration != LeaseDurationType.Infinite || (OwnerOf(blob.Metadata) is { } owner && living.Contains(owner)));

    public static string? OwnerOf(IDictionary<string, string> metadata) => metadata.TryGetValue(OwnerKey, out var owner) ? owner : null;
}
