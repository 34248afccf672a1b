using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>What is packed loads in a Functions host on .NET 8: the host shares these libraries with its extensions, at its own version.</summary>
[Collection(typeof(PackedCollection))]
public sealed class PackageTests(PackedFeed feed)
{
    private const int HostMajor = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_packed_package_asks_for_nothing_that_a_host_on_NET_8_cannot_give()
    {
        using var package = feed.Open("ImapTrigger");
        var dependencies = await ReadDependenciesAsync(package);
        Assert.Contains("MailKit", dependencies.Keys);
        Assert.All(dependencies.Where(dependency => IsShared(dependency.Key)), dependency => Assert.InRange(dependency.Value.Major, 0, HostMajor));
        Assert.Equal(new Version(12, 17, 0), dependencies["Azure.Storage.Blobs"]);
        Assert.InRange(dependencies["Azure.Core"], new Version(1, 0), new Version(1, 50, 0));
        Assert.InRange(dependencies["Azure.Identity"], new Version(1, 0), new Version(1, 17, 2));
    }

    [Fact]
    public void Nothing_that_it_brings_indirectly_is_newer_either()
    {
        using var deps = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(Repository.Built("src/ImapTrigger", "ImapTrigger", "net8.0"), ".deps.json")));
        var libraries = deps.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')).ToArray();
        Assert.Contains(libraries, library => library[0] == "Microsoft.Extensions.Options");
        Assert.All(libraries.Where(library => IsShared(library[0])), library => Assert.InRange(Version.Parse(library[1]).Major, 0, HostMajor));
    }

    [Theory]
    [InlineData("ImapTrigger.Testing", "MimeKit")]
    [InlineData("ImapTrigger.Worker", "Microsoft.Azure.Functions.Worker.Core", "Microsoft.Azure.Functions.Worker.Extensions.Abstractions")]
    public async Task The_other_packages_depend_on_what_they_extend_alone(string name, params string[] dependencies)
    {
        using var package = feed.Open(name);
        Assert.Equal(dependencies, (await ReadDependenciesAsync(package)).Keys.Order());
    }

    [Theory]
    [InlineData("ImapTrigger", "# ImapTrigger\n")]
    [InlineData("ImapTrigger.Testing", "# ImapTrigger.Testing\n")]
    [InlineData("ImapTrigger.Worker", "# ImapTrigger.Worker\n")]
    public async Task A_package_holds_its_documentation_its_icon_and_apart_its_symbols(string name, string title)
    {
        using var package = feed.Open(name);
        Assert.Contains(package.Entries, entry => entry.FullName == $"lib/net8.0/{name}.dll");
        Assert.Contains(package.Entries, entry => entry.FullName == $"lib/net8.0/{name}.xml");
        var nuspec = await ReadNuspecAsync(package);
        Assert.NotNull(package.GetEntry(nuspec["icon"]));
        Assert.StartsWith(title, await ReadAsync(package, nuspec["readme"]), StringComparison.Ordinal);
        using var symbols = feed.Open(name, "snupkg");
        Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net8.0/{name}.pdb");
    }

    [Fact]
    public async Task Packed_in_two_places_it_is_the_same_and_leads_to_its_sources()
    {
        var (first, second) = (feed.NewApp(), feed.NewApp());
        foreach (var place in new[] { first, second })
        {
            await GitAsync("clone", "--quiet", Repository.Root, place.FullName);
            await GitAsync("-C", place.FullName, "remote", "set-url", "origin", "https://github.com/example/imap-trigger.git");
            await feed.PackAsync(place.FullName, "ImapTrigger", Path.Combine(place.FullName, "packed"));
        }

        Assert.Equal(await FilesOfAsync(first, "nupkg"), await FilesOfAsync(second, "nupkg"));
        Assert.Equal(await FilesOfAsync(first, "snupkg"), await FilesOfAsync(second, "snupkg"));

        using var package = Open(first, "nupkg");
        Assert.Contains("](https://github.com/example/imap-trigger/blob/", await ReadAsync(package, "README.md"), StringComparison.Ordinal);
        Assert.DoesNotContain("](docs/", await ReadAsync(package, "README.md"), StringComparison.Ordinal);
        using var symbols = Open(first, "snupkg");
        Assert.Contains("https://raw.githubusercontent.com/example/imap-trigger/", await ReadAsync(symbols, "lib/net8.0/ImapTrigger.pdb"), StringComparison.Ordinal);
    }

    // Microsoft.Extensions.Azure is not the host's: it belongs to the Azure SDK and keeps versions of its own.
    private static bool IsShared(string library) =>
        library == "System.Text.Json" || (library.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && library != "Microsoft.Extensions.Azure");

    private ZipArchive Open(DirectoryInfo place, string extension) => ZipFile.OpenRead(Path.Combine(place.FullName, "packed", $"ImapTrigger.{feed.Version}.{extension}"));

    /// <summary>Every file's checksum; but for the two that name the moment of packing.</summary>
    private async Task<IReadOnlyList<(string Name, uint Checksum)>> FilesOfAsync(DirectoryInfo place, string extension)
    {
        await using var package = Open(place, extension);
        return [.. package.Entries.Where(entry => !entry.FullName.StartsWith("package/", StringComparison.Ordinal) && !entry.FullName.StartsWith("_rels/", StringComparison.Ordinal)).Select(entry => (entry.FullName, entry.Crc32))];
    }

    private static async Task<Dictionary<string, Version>> ReadDependenciesAsync(ZipArchive package) =>
        (await ReadXmlAsync(package)).Where(element => element.Name.LocalName == "dependency")
        .ToDictionary(element => element.Attribute("id")!.Value, element => Version.Parse(element.Attribute("version")!.Value));

    private static async Task<Dictionary<string, string>> ReadNuspecAsync(ZipArchive package) =>
        (await ReadXmlAsync(package)).Where(element => !element.HasElements && element.Name.LocalName is "icon" or "readme").ToDictionary(element => element.Name.LocalName, element => element.Value);

    private static async Task<IEnumerable<XElement>> ReadXmlAsync(ZipArchive package)
    {
        await using var nuspec = await package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).OpenAsync(Token);
        return (await XDocument.LoadAsync(nuspec, LoadOptions.None, Token)).Descendants();
    }

    private static async Task<string> ReadAsync(ZipArchive package, string file)
    {
        await using var stream = await package.GetEntry(file)!.OpenAsync(Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Token);
    }

    private static async Task GitAsync(params string[] arguments)
    {
        using var git = Process.Start("git", arguments);
        await git.WaitForExitAsync(Token);
        Assert.Equal(0, git.ExitCode);
    }
}
