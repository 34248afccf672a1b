namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>A server that cannot be had on this machine skips its tests by name, with the reason; on CI it fails them.</summary>
internal static class Needed
{
    public static void File(string path, string what, string howToInstall)
    {
        if (System.IO.File.Exists(path))
            return;
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"{what} is not installed: {howToInstall}");
        Assert.Fail($"{what} is not installed, and on CI it must be: {howToInstall}");
    }
}
