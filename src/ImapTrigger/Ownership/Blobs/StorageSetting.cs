namespace ImapTrigger.Ownership.Blobs;

/// <summary>The app setting that names the storage account, so that its trouble says where to look.</summary>
/// <param name="Section">As people write it, such as <c>AzureWebJobsStorage</c>: whose key or credential it is.</param>
internal sealed record StorageSetting(string Section)
{
    private const string DevelopmentAccount = "devstoreaccount1";

    /// <summary>The whole name of what says where it is, such as <c>AzureWebJobsStorage__accountName</c>.</summary>
    public string Name { get; init; } = Section;

    /// <summary>To be put behind "it cannot be reached" or "no answer".</summary>
    /// <param name="container">Where it is.</param>
    public string WhereToLook(Uri container) => container switch
    {
        _ when IsDevelopment(container) => $"; it is the development storage that the app setting {Name} names: start Azurite",
        { IsLoopback: true } => $"; by the app setting {Name} it is on this machine: start what serves it there (Azurite)",
        _ => $"; check the app setting {Name} and the way there",
    };

    /// <summary>Azurite's well-known account, wherever it runs: as the first part of the path, or of the name of the host.</summary>
    private static bool IsDevelopment(Uri container) =>
        container.AbsolutePath.StartsWith($"/{DevelopmentAccount}/", StringComparison.OrdinalIgnoreCase) || container.Host.StartsWith($"{DevelopmentAccount}.", StringComparison.OrdinalIgnoreCase);
}
