using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>What is packed loads in a Functions host on .NET 8: the host shares these libraries with its extensions, at its own version.</summary>
public sealed class PackageTests : IDisposable
{
    private const int HostMajor = 8;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-package-");

    [Fact]
    public async Task The_packed_package_asks_for_nothing_that_a_host_on_NET_8_cannot_give()
    {
        using var package = await PackAsync("ImapTrigger");
        var nuspec = await ReadNuspecAsync(package);
        var dependencies = nuspec.Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => Version.Parse(element.Attribute("version")!.Value));
        Assert.Contains("MailKit", dependencies.Keys);
        Assert.All(dependencies.Where(dependency => IsShared(dependency.Key)), dependency => Assert.InRange(dependency.Value.Major, 0, HostMajor));
        Assert.Equal(new Version(12, 17, 0), dependencies["Azure.Storage.Blobs"]);
        Assert.InRange(dependencies["Azure.Core"], new Version(1, 0), new Version(1, 50, 0));
        Assert.InRange(dependencies["Azure.Identity"], new Version(1, 0), new Version(1, 17, 2));
        Assert.Contains(package.Entries, entry => entry.FullName == "lib/net8.0/ImapTrigger.dll");
        Assert.Contains(package.Entries, entry => entry.FullName == "lib/net8.0/ImapTrigger.xml");
        Assert.Contains(package.Entries, entry => entry.FullName == "README.md");
    }

    [Fact]
    public void Nothing_that_it_brings_indirectly_is_newer_either()
    {
        using var deps = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(Repository.Built("src/ImapTrigger", "ImapTrigger", "net8.0"), ".deps.json")));
        var libraries = deps.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')).ToArray();
        Assert.Contains(libraries, library => library[0] == "Microsoft.Extensions.Options");
        Assert.All(libraries.Where(library => IsShared(library[0])), library => Assert.InRange(Version.Parse(library[1]).Major, 0, HostMajor));
    }

    [Fact]
    public async Task The_test_server_is_packed_with_its_own_readme_and_depends_on_MimeKit_alone()
    {
        using var package = await PackAsync("ImapTrigger.Testing");
        var nuspec = await ReadNuspecAsync(package);
        Assert.Equal(["MimeKit"], nuspec.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value));
        await using var readme = package.GetEntry("README.md")!.Open();
        using var reader = new StreamReader(readme);
        Assert.StartsWith("# ImapTrigger.Testing", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // Microsoft.Extensions.Azure is not the host's: it belongs to the Azure SDK and keeps versions of its own.
    private static bool IsShared(string library) =>
        library == "System.Text.Json" || (library.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && library != "Microsoft.Extensions.Azure");

    private static async Task<XDocument> ReadNuspecAsync(ZipArchive package)
    {
        await using var nuspec = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return await XDocument.LoadAsync(nuspec, LoadOptions.None, TestContext.Current.CancellationToken);
    }

    private async Task<ZipArchive> PackAsync(string project)
    {
        var start = new ProcessStartInfo("dotnet", ["pack", Path.Combine(Repository.Root, "src", project), "--no-build", "-c", Repository.Configuration, "-o", _folder.FullName, "-v", "quiet"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, said);
        return ZipFile.OpenRead(_folder.GetFiles($"{project}.?.*.nupkg").Single().FullName);
    }
}
