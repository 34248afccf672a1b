namespace ImapTrigger.UnitTests;

/// <summary>The pages of the repository that the tests run in.</summary>
internal static class Docs
{
    public static string Read(string page)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ImapTrigger.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return File.ReadAllText(Path.Combine(folder, "docs", page));
    }
}
