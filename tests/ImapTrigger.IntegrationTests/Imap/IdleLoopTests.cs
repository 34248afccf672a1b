using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Imap;

/// <summary>The program of docs/idle-session.md is the one that is built, and it does what the page says.</summary>
public sealed partial class IdleLoopTests(DovecotServer dovecot) : IClassFixture<DovecotServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_page_shows_the_program_that_is_built()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/idle-session.md"));
        var program = File.ReadAllText(Path.Combine(Repository.Root, "docs/idle-loop/Program.cs"));
        Assert.Equal(program.TrimEnd(), Block().Match(page).Groups[1].Value.TrimEnd());
    }

    [Fact]
    public async Task It_shows_the_update_and_the_message()
    {
        var account = dovecot.Account("loop", ImapSecurity.StartTls);
        var start = new ProcessStartInfo("dotnet", [Repository.Built("docs/idle-loop", "IdleLoop")]) { RedirectStandardOutput = true };
        start.Environment["MAIL_HOST"] = account.Host;
        start.Environment["MAIL_PORT"] = account.Port!.Value.ToString(CultureInfo.InvariantCulture);
        start.Environment["MAIL_USER"] = account.UserName;
        start.Environment["MAIL_PASSWORD"] = account.Password;
        start.Environment["MAIL_FINGERPRINT"] = account.CertificateFingerprint;
        using var process = Process.Start(start)!;
        try
        {
            Assert.Equal("0 messages; waiting for more.", await process.StandardOutput.ReadLineAsync(Token));
            await dovecot.DeliverAsync("loop", [OddMessages.Plain("hello")]);
            var lines = new List<string?>();
            // In either order: an OK with HIGHESTMODSEQ may wake the program before the EXISTS has come.
            while (!lines.Any(line => line!.Contains("<exists>1</exists>", StringComparison.Ordinal)) || !lines.Any(line => line!.EndsWith(": hello", StringComparison.Ordinal)))
                lines.Add(await process.StandardOutput.ReadLineAsync(Token));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
