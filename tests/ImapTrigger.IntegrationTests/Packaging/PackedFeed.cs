using System.Diagnostics;
using System.IO.Compression;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>One feed for all, and one build at a time.</summary>
[CollectionDefinition]
public sealed class PackedCollection : ICollectionFixture<PackedFeed>;

/// <summary>The packages in a local feed, for apps that are built as a user's are; under a version that no cache has seen and none keeps.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private static readonly string[] Packages = ["ImapTrigger", "ImapTrigger.Testing", "ImapTrigger.Worker"];
    private static readonly string Cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("imaptrigger-feed-");

    public string Folder => Path.Combine(_root.FullName, "packages");

    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Built apart, for the version is compiled into them.
        foreach (var package in Packages)
            await PackAsync(Repository.Root, package, Folder);
        await File.WriteAllTextAsync(Path.Combine(_root.FullName, "NuGet.config"), "<configuration><packageSources><add key=\"packed\" value=\"packages\" /></packageSources></configuration>", Token);
    }

    /// <summary>Packs one project of a checkout.</summary>
    public Task PackAsync(string checkout, string package, string output) => DotnetAsync(
        "pack", Path.Combine(checkout, "src", package), "-c", "Release", "-o", output, "--artifacts-path", Path.Combine(output, "built"), $"-p:Version={Version}", "-p:ContinuousIntegrationBuild=true");

    public ZipArchive Open(string package, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Folder, $"{package}.{Version}.{extension}"));

    /// <summary>A new folder that restores from the feed.</summary>
    public DirectoryInfo NewApp() => _root.CreateSubdirectory($"app-{Guid.NewGuid():N}");

    /// <summary>Builds a project of such a folder into its folder bin.</summary>
    public Task BuildAsync(DirectoryInfo app, string project) => DotnetAsync("build", Path.Combine(app.FullName, project), "-o", Path.Combine(app.FullName, "bin"), $"-p:ImapTriggerVersion={Version}");

    public ValueTask DisposeAsync()
    {
        _root.Delete(recursive: true);
        foreach (var package in Packages)
        {
            var cached = new DirectoryInfo(Path.Combine(Cache, package.ToLowerInvariant(), Version));
            if (cached.Exists)
                cached.Delete(recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private static async Task DotnetAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [.. arguments, "-v", "quiet", "-nodeReuse:false"]) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, said);
    }
}
