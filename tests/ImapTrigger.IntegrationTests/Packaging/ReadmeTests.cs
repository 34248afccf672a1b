using System.Diagnostics;
using System.Text.RegularExpressions;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>The program of README.md, built with the packed package and run on a mailbox.</summary>
[Collection(typeof(PackedCollection))]
public sealed partial class ReadmeTests(PackedFeed feed)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("net10.0", "Imap")]
    // Functions hosts run on it, too, and its sockets are not those of .NET 10.
    [InlineData("net8.0", "Imap")]
    // f08: a shell sets MAIL, and settings are found without regard to case.
    [InlineData("net10.0", "Mail")]
    public async Task The_program_of_the_readme_gets_mail(string framework, string connection)
    {
        var app = await BuildAsync(framework, connection);
        await using var server = new InProcessServer();
        var dotnet = framework == "net8.0" ? DotNet8.Assemble(app.CreateSubdirectory("dotnet8")) : "dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(app.FullName, "bin/Mail.dll")]) { RedirectStandardOutput = true };
        foreach (var (name, value) in ShellEnvironment.OfLogin)
            start.Environment[name] = value;
        foreach (var (setting, value) in server.Settings("ann", section: connection))
            start.Environment[setting.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["AzureWebJobs__extensions__imapIdle__localStatePath"] = Path.Combine(app.FullName, "state");
        using var process = Process.Start(start)!;
        var lines = new List<string>();
        try
        {
            await ReadUntilAsync("Host.Triggers.ImapIdle[300]");
            await server.DeliverAsync("ann", [OddMessages.Plain("hello from the readme")]);
            await ReadUntilAsync("hello from the readme");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        async Task ReadUntilAsync(string text)
        {
            while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                lines.Add(line);
                if (line.Contains("Host.Triggers.ImapIdle[305]", StringComparison.Ordinal))
                    Assert.Fail($"It cannot connect: {await process.StandardOutput.ReadLineAsync(Token)}");
                if (line.Contains(text, StringComparison.Ordinal))
                    return;
            }

            Assert.Fail(string.Join('\n', lines));
        }
    }

    [Fact]
    public async Task A_mistake_in_its_settings_is_said_in_one_sentence_at_the_end_without_a_stack_trace()
    {
        var app = await BuildAsync("net10.0", "Imap");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(app.FullName, "bin/Mail.dll")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (setting, value) in new[] { ("Imap__host", "localhost"), ("Imap__userName", "ann"), ("Imap__password", "secret-4711"), ("Imap__port", "99999") })
            start.Environment[setting] = value;
        start.Environment["AzureWebJobs__extensions__imapIdle__localStatePath"] = Path.Combine(app.FullName, "state");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);

        Assert.NotEqual(0, process.ExitCode);
        const string Sentence = "[ImapIdleTrigger] of function 'MailFunctions.OnMail': the app setting 'Imap__port' must be a number from 1 to 65535.";
        Assert.Equal($"Unhandled exception. {Sentence}", (await error).Trim());
        Assert.EndsWith(Sentence, (await output).Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain(" at ImapTrigger.", await output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-4711", await output, StringComparison.Ordinal);
    }

    /// <summary>What "dotnet new console" and the two "dotnet add package" of the page make.</summary>
    private async Task<DirectoryInfo> BuildAsync(string framework, string connection)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Token);
        var program = Program().Match(readme).Groups[1].Value.Replace("Connection = \"Imap\"", $"Connection = \"{connection}\"", StringComparison.Ordinal);
        var app = feed.NewApp();
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "Program.cs"), program, Token);
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "Mail.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>{framework}</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ImapTrigger" Version="$(ImapTriggerVersion)" />
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="{(framework == "net8.0" ? "8.0.1" : "10.0.12")}" />
              </ItemGroup>
            </Project>
            """, Token);
        await feed.BuildAsync(app, "Mail.csproj");
        return app;
    }

    [GeneratedRegex("```csharp\n( *using ImapTrigger;.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();
}
