using System.Diagnostics;
using System.Text.Json;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>The apps for other languages bring the packed extension by extensions.csproj, the way that works for third parties.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imaptrigger-sample-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task The_extensions_of_a_sample_name_the_start_up_class(string sample)
    {
        // A version that no cache has seen.
        var version = $"0.0.1-test.{Guid.NewGuid():N}";
        await DotnetAsync("pack", Path.Combine(Repository.Root, "src/ImapTrigger"), "--no-build", "-c", Repository.Configuration, "-o", Path.Combine(_folder.FullName, "feed"), $"-p:Version={version}");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "NuGet.config"), "<configuration><packageSources><add key=\"packed\" value=\"feed\" /></packageSources></configuration>", Token);
        File.Copy(Path.Combine(Repository.Root, "sample-function-app", sample, "extensions.csproj"), Path.Combine(_folder.FullName, "extensions.csproj"));
        try
        {
            await DotnetAsync("build", Path.Combine(_folder.FullName, "extensions.csproj"), "-o", Path.Combine(_folder.FullName, "bin"), $"-p:ImapTriggerVersion={version}");
            using var extensions = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "bin/extensions.json"), Token));
            var extension = Assert.Single(extensions.RootElement.GetProperty("extensions").EnumerateArray(), entry => entry.GetProperty("name").GetString() == "ImapIdle");
            Assert.StartsWith($"{typeof(ImapIdleWebJobsStartup).FullName}, ImapTrigger,", extension.GetProperty("typeName").GetString(), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(_folder.FullName, "bin/MailKit.dll")));
        }
        finally
        {
            var cached = new DirectoryInfo(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages/imaptrigger", version));
            if (cached.Exists)
                cached.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("node/src/functions/onMail.js")]
    [InlineData("python/function_app.py")]
    public async Task A_sample_names_the_trigger_as_the_host_knows_it(string file)
    {
        var source = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "sample-function-app", file), Token);
        var name = nameof(ImapIdleTriggerAttribute)[..^"Attribute".Length];
        Assert.Matches($"type\\W+{JsonNamingPolicy.CamelCase.ConvertName(name)}\\W", source);
        Assert.Contains(nameof(ImapIdleTriggerAttribute.Folder).ToLowerInvariant(), source, StringComparison.Ordinal);
        Assert.Contains(nameof(ImapIdleTriggerAttribute.Connection).ToLowerInvariant(), source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    [InlineData("isolated")]
    public async Task Host_json_of_a_sample_has_settings_that_exist_and_no_bundle(string sample)
    {
        using var host = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "sample-function-app", sample, "host.json"), Token));
        Assert.False(host.RootElement.TryGetProperty("extensionBundle", out _));
        var known = typeof(ImapIdleOptions).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        Assert.Subset(known.ToHashSet(), host.RootElement.GetProperty("extensions").GetProperty("imapIdle").EnumerateObject().Select(setting => setting.Name).ToHashSet());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task DotnetAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [.. arguments, "-v", "quiet"]) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, said);
    }
}
