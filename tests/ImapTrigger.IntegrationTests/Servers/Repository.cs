using System.Reflection;

namespace ImapTrigger.IntegrationTests.Servers;

internal static class Repository
{
    /// <summary>The folder of the solution, in which the tests run.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The configuration that the tests are built in.</summary>
    public static string Configuration { get; } =
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>What another project of the solution was built to.</summary>
    public static string Built(string project, string name, string framework = "net10.0") =>
        Path.Combine(Root, project, "bin", Configuration, framework, $"{name}.dll");

    /// <summary>Where a package lies that was restored with the tests for what is in it; its project file gives it this name.</summary>
    public static string Restored(string name) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == name).Value!;

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "ImapTrigger.sln"))
            ? folder
            : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository."));
}
