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

    [Fact]
    public async Task The_program_of_the_readme_gets_mail()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Token);
        var app = feed.NewApp();
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "Program.cs"), Program().Match(readme).Groups[1].Value, Token);
        // What "dotnet new console" and the two "dotnet add package" of the page make.
        await File.WriteAllTextAsync(Path.Combine(app.FullName, "Mail.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ImapTrigger" Version="$(ImapTriggerVersion)" />
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.12" />
              </ItemGroup>
            </Project>
            """, Token);
        await feed.BuildAsync(app, "Mail.csproj");

        await using var server = new InProcessServer();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(app.FullName, "bin/Mail.dll")]) { RedirectStandardOutput = true };
        foreach (var (setting, value) in server.Settings("ann"))
            start.Environment[setting.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["AzureWebJobs__extensions__imapIdle__localStatePath"] = Path.Combine(app.FullName, "state");
        using var process = Process.Start(start)!;
        try
        {
            await server.AccountOf("ann").Inbox.WaitForIdleAsync(Token);
            await server.DeliverAsync("ann", [OddMessages.Plain("hello from the readme")]);
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(Token) is { } line && !line.Contains("hello from the readme", StringComparison.Ordinal))
                lines.Add(line);
            Assert.False(process.HasExited, string.Join('\n', lines));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [GeneratedRegex("```csharp\n( *using ImapTrigger;.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();
}
