using Azure.Storage.Blobs;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>Where blobs lie, and what named the place.</summary>
/// <param name="Container">The container.</param>
/// <param name="Path">Within it.</param>
/// <param name="Setting">The app setting.</param>
internal sealed record BlobPlace(BlobContainerClient Container, string Path, StorageSetting? Setting)
{
    private static readonly StorageSetting Usual = new("AzureWebJobsStorage");

    /// <summary>Without what a signature in the URI would tell.</summary>
    public string Location => $"{Container.Uri.GetLeftPart(UriPartial.Path)}/{Path}";

    /// <inheritdoc cref="StorageSetting.Section"/>
    public string Section => (Setting ?? Usual).Section;

    /// <inheritdoc cref="StorageSetting.WhereToLook"/>
    public string WhereToLook => (Setting ?? Usual).WhereToLook(Container.Uri);
}
