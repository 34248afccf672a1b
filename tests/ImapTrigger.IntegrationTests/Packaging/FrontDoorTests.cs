using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>The two commands at the top of README.md, in the environments that people have.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FrontDoorTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Environments => [.. ShellEnvironment.All.Keys];

    [Theory]
    [MemberData(nameof(Environments))]
    public async Task The_first_command_shows_mail(string environment)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var words = CommandOf("dotnet run");
        // As it stands there, but for what the tests have built already.
        var start = new ProcessStartInfo(words[0], [.. words[1..], "--no-build", "-c", Repository.Configuration]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true };
        ShellEnvironment.Set(start.Environment, environment);
        using var process = Process.Start(start)!;
        var lines = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                lines.Add(line);
                if (line.Contains("UID 1: \"", StringComparison.Ordinal))
                    return;
            }

            Assert.Fail(string.Join('\n', lines));
        }
        finally
        {
            // As Ctrl+C: it takes its demo mailbox away with it.
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(CancellationToken.None);
            await process.WaitForExitAsync(limit.Token);
        }
    }

    /// <summary>The script alone, with a project and a .NET that are stand-ins: that it starts, counts and ends, not what it would take minutes to run.</summary>
    [Theory]
    [MemberData(nameof(Environments))]
    public async Task The_second_command_runs_tests_and_counts_them(string environment)
    {
        var folder = Directory.CreateTempSubdirectory("imaptrigger-script-");
        try
        {
            var script = CommandOf("./test.sh")[0];
            File.Copy(Path.Combine(Repository.Root, script), Path.Combine(folder.FullName, script));
            folder.CreateSubdirectory("tests/azurite/node_modules/azurite");
            foreach (var installed in new[] { "dotnet", "dovecot", "prometheus", "npm" })
                await WriteScriptAsync(folder, $"installed/{installed}", "exit 0");
            await WriteScriptAsync(folder, "tests/SomeTests/bin/Release/net10.0/SomeTests", """echo '<assembly passed="2" failed="0" errors="0" skipped="1">' >"$2" """);

            var start = new ProcessStartInfo(Path.Combine(folder.FullName, script)) { RedirectStandardOutput = true };
            ShellEnvironment.Set(start.Environment, environment);
            start.Environment["PATH"] = $"{Path.Combine(folder.FullName, "installed")}:{start.Environment["PATH"]}";
            using var process = Process.Start(start)!;
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(("2 passed, 0 failed, 1 skipped", 0), (said.TrimEnd().Split('\n')[^1], process.ExitCode));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>With a stand-in for .NET: what other versions somebody has in the cache is not the script's.</summary>
    [Fact]
    public async Task The_script_that_packs_takes_out_of_the_cache_only_the_version_that_it_packs()
    {
        var folder = Directory.CreateTempSubdirectory("imaptrigger-pack-");
        try
        {
            var script = Path.Combine(folder.CreateSubdirectory("sample-function-app").FullName, "pack.sh");
            File.Copy(Path.Combine(Repository.Root, "sample-function-app/pack.sh"), script);
            var cache = Path.Combine(folder.FullName, "cache");
            foreach (var package in (string[])["imaptrigger", "imaptrigger.worker", "imaptrigger.testing"])
            {
                foreach (var version in (string[])["1.2.3-pre", "0.9.0"])
                    Directory.CreateDirectory(Path.Combine(cache, package, version));
            }

            await WriteScriptAsync(folder, "installed/dotnet", $"""
                case "$1" in
                nuget) echo "global-packages: {cache}/" ;;
                pack) mkdir -p packages && touch "packages/$(basename "$2").1.2.3-Pre.nupkg" "packages/$(basename "$2").1.2.3-Pre.snupkg" ;;
                esac
                """);
            var start = new ProcessStartInfo(script) { RedirectStandardOutput = true };
            start.Environment["PATH"] = $"{Path.Combine(folder.FullName, "installed")}:{start.Environment["PATH"]}";
            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            Assert.Equal(
                ["imaptrigger.testing/0.9.0", "imaptrigger.testing/1.2.3-pre", "imaptrigger.worker/0.9.0", "imaptrigger/0.9.0"],
                Directory.EnumerateDirectories(cache, "*", SearchOption.AllDirectories).Select(found => Path.GetRelativePath(cache, found)).Where(found => found.Contains('/', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A command of the page's first block, without its comment.</summary>
    private static string[] CommandOf(string beginning) =>
        File.ReadLines(Path.Combine(Repository.Root, "README.md")).First(line => line.StartsWith(beginning, StringComparison.Ordinal)).Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static async Task WriteScriptAsync(DirectoryInfo folder, string path, string text)
    {
        var file = new FileInfo(Path.Combine(folder.FullName, path));
        file.Directory!.Create();
        await File.WriteAllTextAsync(file.FullName, $"#!/bin/sh\n{text}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
