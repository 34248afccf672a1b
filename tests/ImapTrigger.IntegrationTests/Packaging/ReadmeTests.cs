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
    [InlineData("net10.0", "10.0.12")]
    // Functions hosts run on it, too, and its sockets are not those of .NET 10.
    [InlineData("net8.0", "8.0.1")]
    public async Task The_program_of_the_readme_gets_mail(string framework, string hosting)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Token);
        var app = feed.NewApp();
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "Program.cs"), Program().Match(readme).Groups[1].Value, Token);
        // What "dotnet new console" and the two "dotnet add package" of the page make.
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
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="{hosting}" />
              </ItemGroup>
            </Project>
            """, Token);
        await feed.BuildAsync(app, "Mail.csproj");

        await using var server = new InProcessServer();
        var dotnet = framework == "net8.0" ? DotNet8.Assemble(app.CreateSubdirectory("dotnet8")) : "dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(app.FullName, "bin/Mail.dll")]) { RedirectStandardOutput = true };
        foreach (var (setting, value) in server.Settings("ann"))
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

    [GeneratedRegex("```csharp\n( *using ImapTrigger;.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();
}
