using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>The apps to copy build with the packed packages, as they stand, and tell the host what it needs to know.</summary>
[Collection(typeof(PackedCollection))]
public sealed class SampleTests(PackedFeed feed)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task The_extensions_of_a_sample_name_the_start_up_class(string sample)
    {
        var app = Copy(sample);
        await feed.BuildAsync(app, "extensions.csproj");
        await AssertNamesStartUpClassAsync(app);
        Assert.True(File.Exists(Path.Combine(app.FullName, "bin/MailKit.dll")));
    }

    [Fact]
    public async Task The_isolated_sample_declares_its_trigger_and_brings_the_extension()
    {
        var app = Copy("isolated");
        await feed.BuildAsync(app, "Isolated.csproj");
        await AssertNamesStartUpClassAsync(app);
        Assert.True(File.Exists(Path.Combine(app.FullName, "bin/.azurefunctions/MailKit.dll")));

        using var metadata = await ReadAsync(app, "functions.metadata");
        var function = Assert.Single(metadata.RootElement.EnumerateArray());
        Assert.Equal("OnMail", function.GetProperty("name").GetString());
        var trigger = Assert.Single(function.GetProperty("bindings").EnumerateArray());
        Assert.Equal("imapIdleTrigger", trigger.GetProperty("type").GetString());
        Assert.Equal(("INBOX", "Imap"), (trigger.GetProperty("folder").GetString(), trigger.GetProperty("connection").GetString()));
        // Not binary: the host then gives the event as JSON.
        Assert.False(trigger.TryGetProperty("dataType", out _));
    }

    [Fact]
    public async Task An_isolated_app_with_a_parameter_that_cannot_be_filled_does_not_start()
    {
        var app = Copy("isolated");
        var source = Path.Combine(app.FullName, "MailFunctions.cs");
        await File.WriteAllTextAsync(source, (await File.ReadAllTextAsync(source, Token)).Replace("ImapEvent mail) =>", "ImapEvent[] many) => many.ToList().ForEach(mail =>", StringComparison.Ordinal).Replace("\"nobody\");", "\"nobody\"));", StringComparison.Ordinal), Token);
        await feed.BuildAsync(app, "Isolated.csproj");
        // As the host starts it, though there is none.
        var start = new ProcessStartInfo("dotnet", [Path.Combine(app.FullName, "bin/Isolated.dll"), "--functions-uri", "http://127.0.0.1:1/", "--functions-worker-id", "1", "--functions-request-id", "1", "--functions-grpc-max-message-length", "1000000"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var worker = Process.Start(start)!;
        var (output, error) = (worker.StandardOutput.ReadToEndAsync(Token), worker.StandardError.ReadToEndAsync(Token));
        await worker.WaitForExitAsync(Token);
        await output;
        Assert.Equal(
            "Unhandled exception. [ImapIdleTrigger] of function 'MailFunctions.OnMail': the parameter 'many' cannot be a ImapTrigger.Worker.ImapEvent[]. A message that has everything cannot fill it: The JSON value could not be converted to "
            + "ImapTrigger.Worker.ImapEvent[]. Path: $. It may be ImapEvent, string (JSON), byte[] (the raw message), or a class of your own that the JSON can fill.",
            (await error).Trim());
    }

    [Fact]
    public async Task An_app_in_the_host_s_process_names_the_start_up_class()
    {
        var app = feed.NewApp();
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "InProcess.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net8.0</TargetFramework>
                <AzureFunctionsVersion>v4</AzureFunctionsVersion>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Microsoft.NET.Sdk.Functions" Version="4.6.0" />
                <PackageReference Include="ImapTrigger" Version="$(ImapTriggerVersion)" />
              </ItemGroup>
            </Project>
            """, Token);
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "MailFunctions.cs"), """
            using ImapTrigger;
            using Microsoft.Azure.WebJobs;

            public class MailFunctions
            {
                [FunctionName("OnMail")]
                public void OnMail([ImapIdleTrigger("INBOX", Connection = "Imap")] ImapEvent mail)
                {
                }
            }
            """, Token);
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "host.json"), """{ "version": "2.0" }""", Token);
        await feed.BuildAsync(app, "InProcess.csproj");
        await AssertNamesStartUpClassAsync(app, "bin/bin");

        using var function = await ReadAsync(app, "OnMail/function.json");
        var trigger = Assert.Single(function.RootElement.GetProperty("bindings").EnumerateArray());
        Assert.Equal("imapIdleTrigger", trigger.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("sample-function-app/node/extensions.csproj")]
    [InlineData("sample-function-app/python/extensions.csproj")]
    [InlineData("sample-function-app/isolated/Isolated.csproj")]
    [InlineData("sample-function-app/agent/Agent.csproj")]
    [InlineData("src/ImapTrigger.Worker/README.md")]
    public async Task What_is_copied_names_the_version_of_the_packages(string file)
    {
        var version = typeof(ImapEvent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Assert.Matches($"[\">]{Regex.Escape(version)}[\"<]", await File.ReadAllTextAsync(Path.Combine(Repository.Root, file), Token));
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

    /// <summary>The sample as it is committed, where it lies in a clone: its nuget.config names the folder beside it, and above are the repository's own properties.</summary>
    private DirectoryInfo Copy(string sample)
    {
        var clone = feed.NewApp();
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props" })
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(clone.FullName, file));
        Directory.CreateSymbolicLink(Path.Combine(clone.FullName, "packages"), feed.Folder);
        var app = clone.CreateSubdirectory(sample);
        foreach (var file in new DirectoryInfo(Path.Combine(Repository.Root, "sample-function-app", sample)).GetFiles())
            file.CopyTo(Path.Combine(app.FullName, file.Name));
        return app;
    }

    private static async Task AssertNamesStartUpClassAsync(DirectoryInfo app, string folder = "bin")
    {
        using var extensions = await ReadAsync(app, "extensions.json", folder);
        var extension = Assert.Single(extensions.RootElement.GetProperty("extensions").EnumerateArray(), entry => entry.GetProperty("name").GetString() == "ImapIdle");
        Assert.StartsWith($"{typeof(ImapIdleWebJobsStartup).FullName}, ImapTrigger,", extension.GetProperty("typeName").GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonDocument> ReadAsync(DirectoryInfo app, string file, string folder = "bin") =>
        JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(app.FullName, folder, file), Token));
}
