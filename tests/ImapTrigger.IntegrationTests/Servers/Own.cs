using System.Diagnostics;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Servers that are started as root work as Debian's user "mail".</summary>
internal static class Own
{
    /// <summary>Its numbers, which are the same on every Debian (base-passwd).</summary>
    public static (int User, int Group) Mail => (8, 8);

    public static async Task ByMailAsync(string folder)
    {
        using var process = Process.Start("chown", ["-R", "mail:mail", folder]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
