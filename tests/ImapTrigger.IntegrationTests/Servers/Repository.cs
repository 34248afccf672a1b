namespace ImapTrigger.IntegrationTests.Servers;

internal static class Repository
{
    /// <summary>The folder of the solution, in which the tests run.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>What another project of the solution was built to, in the configuration of this one.</summary>
    public static string Built(string project, string name)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(Root, project, "bin", configuration, "net10.0", $"{name}.dll");
    }

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "ImapTrigger.sln"))
            ? folder
            : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository."));
}
