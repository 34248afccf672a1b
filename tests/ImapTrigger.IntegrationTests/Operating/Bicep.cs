using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Operating;

/// <summary>The Bicep CLI, restored with the test project, on the template in <c>deploy/</c>.</summary>
internal static class Bicep
{
    private static readonly ConcurrentDictionary<(string Plan, string Runtime), Lazy<Task<string>>> Evaluated = new();

    public static string Template { get; } = Path.Combine(Repository.Root, "deploy", "main.bicep");

    /// <summary>Runs it; what it wrote is returned, for a warning changes no exit code.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "The package holds the CLI for Linux on x64.");
        var token = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo(Repository.Restored("Bicep"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>The resources that the template would make, evaluated once on this machine; what only Azure knows stays an expression, "[reference(...)]".</summary>
    public static async Task<JsonDocument> EvaluateAsync(string plan, string runtime = "node") =>
        JsonDocument.Parse(await Evaluated.GetOrAdd((plan, runtime), key => new(() => SnapshotAsync(key.Plan, key.Runtime))).Value);

    public static IEnumerable<JsonElement> OfType(this JsonDocument evaluated, string type) =>
        evaluated.RootElement.GetProperty("predictedResources").EnumerateArray().Where(resource => resource.GetProperty("type").GetString() == type);

    public static JsonElement TheOne(this JsonDocument evaluated, string type) => Assert.Single(evaluated.OfType(type));

    public static JsonElement Properties(this JsonElement resource) => resource.GetProperty("properties");

    private static async Task<string> SnapshotAsync(string plan, string runtime)
    {
        var folder = Directory.CreateTempSubdirectory("imaptrigger-bicep-");
        try
        {
            var parameters = Path.Combine(folder.FullName, "test.bicepparam");
            await File.WriteAllTextAsync(parameters, $"""
                using '{Path.GetRelativePath(folder.FullName, Template)}'
                param name = 'Imap-Test'
                param plan = '{plan}'
                param workerRuntime = '{runtime}'
                param mailHost = 'imap.example.org'
                param mailUserName = 'ann@example.org'
                param mailPassword = 'not to be seen'
                """);
            var (exitCode, _, errors) = await RunAsync(
                "snapshot", parameters, "--mode", "overwrite", "--subscription-id", Guid.Empty.ToString(), "--resource-group", "mail", "--location", "westeurope");
            Assert.Equal((0, ""), (exitCode, errors));
            return await File.ReadAllTextAsync(Path.Combine(folder.FullName, "test.snapshot.json"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
