using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using ImapTrigger.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>What people copy from the pages compiles, as it stands there.</summary>
public sealed class PageTests
{
    /// <summary>What an editor adds by itself.</summary>
    private static readonly string[] Usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks", "MimeKit",
        "Microsoft.Azure.WebJobs", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp12);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Concat(Built("tests/ImapTrigger.WorkerTests", "*Functions.Worker*.dll")).Concat(Built("tests/ImapTrigger.WorkerTests", "ImapTrigger.Worker.dll"))
            // What a user's host has, and our tests have not, or older.
            .Concat(Built("sample-function-app", "Microsoft.Extensions.*.dll"))
            .Append(typeof(PageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "HealthChecks").Value!)
            .GroupBy(Path.GetFileName).Select(same => MetadataReference.CreateFromFile(same.Last())),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)))
            .Append(Path.Combine(Repository.Root, "sample-function-app/README.md"))
            .Select(file => Path.GetRelativePath(Repository.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_snippets_of_a_page_compile(string page)
    {
        foreach (var snippet in Snippet.Of(Repository.Root, page))
        {
            var problem = snippet.Language switch
            {
                "csharp" => Compile(snippet),
                "json" => Read(snippet.Code),
                "jsonl" => snippet.Code.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read).FirstOrDefault(problem => problem is not null),
                "javascript" => await RunAsync("node", ["--check", "-"], snippet.Code),
                "python" => await RunAsync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], snippet.Code),
                // Commands and what they print; the others are read where they are used: by a collector, by Kubernetes, by the page.
                "" or "kusto" or "mermaid" or "powershell" or "promql" or "yaml" => null,
                var other => $"The language '{other}' is none that is checked.",
            };
            Assert.True(problem is null, $"{snippet}: {problem}");
        }
    }

    [Fact]
    public void A_snippet_with_a_mistake_does_not_compile()
    {
        Assert.NotNull(Compile(new Snippet("page", 1, "csharp", "[Function(\"OnMail\")]\npublic void OnMail([ImapIdleTrigger(Folders = \"INBOX\")] ImapEvent mail) { }", "")));
        Assert.NotNull(Read("""{ "extensions": { "imapIdle": { "maxConcurentCalls": 1 } } }"""));
    }

    /// <summary>As a program, a file, members of a class or statements; null when it compiles, else the first mistake of what comes closest.</summary>
    private static string? Compile(Snippet snippet)
    {
        var lines = snippet.Code.Split('\n');
        var hoisted = string.Concat(lines.Where(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('=', StringComparison.Ordinal)).Select(line => line + "\n"));
        var rest = string.Join('\n', lines.Where(line => !hoisted.Contains(line + "\n", StringComparison.Ordinal) || line.Length == 0));
        // The isolated worker has types of its own by the same names.
        var ours = rest.Contains("[Function(", StringComparison.Ordinal) ? "using ImapTrigger.Worker; using Microsoft.Azure.Functions.Worker;" : "using ImapTrigger; using ImapTrigger.Hosting; using ImapTrigger.Testing;";
        // Both have an ImapEvent.
        if (rest.Contains("ImapClient", StringComparison.Ordinal))
            ours += " using MailKit; using MailKit.Net.Imap; using MailKit.Search; using MailKit.Security;";
        var usings = string.Concat(Usings.Select(name => $"using {name}; ")) + ours + hoisted;
        string[][] attempts =
        [
            Mistakes($"{usings}\n{rest}", OutputKind.ConsoleApplication),
            Mistakes($"{usings}\n{rest}", OutputKind.DynamicallyLinkedLibrary),
            Mistakes($"{usings}\nclass Page {{\n{rest}\n{snippet.Beside}\n}}", OutputKind.DynamicallyLinkedLibrary),
            Mistakes($"{usings}\nclass Page {{\nasync Task RunAsync() {{\n{rest}\nawait Task.Yield(); }}\n{snippet.Beside}\n}}", OutputKind.DynamicallyLinkedLibrary),
        ];
        return attempts.MinBy(mistakes => mistakes.Length)!.FirstOrDefault();
    }

    private static string[] Built(string project, string files) => Directory.GetFiles(Path.Combine(Repository.Root, project, "bin/Release/net10.0"), files);

    private static string[] Mistakes(string source, OutputKind kind) =>
    [
        .. CSharpCompilation.Create("page", [CSharpSyntaxTree.ParseText(source, Language)], References, new CSharpCompilationOptions(kind))
            .GetDiagnostics(Token).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static string? Read(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("extensions", out var extensions) || !extensions.TryGetProperty("imapIdle", out var options))
            return null;
        var known = typeof(ImapIdleOptions).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).ToHashSet();
        return options.EnumerateObject().Select(option => option.Name).FirstOrDefault(name => !known.Contains(name)) is { } unknown ? $"host.json has no option '{unknown}'." : null;
    }

    private static async Task<string?> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(input.AsMemory(), Token);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return process.ExitCode == 0 ? null : said;
    }
}
