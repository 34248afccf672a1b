using System.Globalization;

namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>Delivers as an agent does: written to tmp, then renamed to new. Servers number what they find at once in the order of the files' names.</summary>
internal sealed class Maildir(string folder)
{
    private static int _delivered;

    public string Folder => folder;

    public static string NextName(string suffix = "") =>
        string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.M{Interlocked.Increment(ref _delivered):D9}.test{suffix}");

    public async Task DeliverAsync(IEnumerable<byte[]> messages)
    {
        await MakeAsync();
        foreach (var message in messages)
            await DeliverAsync(NextName(), message);
    }

    public async Task DeliverAsync(string name, byte[] message, bool unreadable = false)
    {
        await MakeAsync();
        var file = Path.Combine(folder, "tmp", name);
        await File.WriteAllBytesAsync(file, message);
        if (unreadable && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.None);
        File.Move(file, Path.Combine(folder, "new", name));
    }

    public async Task MakeAsync()
    {
        if (Directory.Exists(Path.Combine(folder, "new")))
            return;
        foreach (var part in new[] { "tmp", "new", "cur" })
            Directory.CreateDirectory(Path.Combine(folder, part));
        await Own.ByMailAsync(Path.GetDirectoryName(folder)!);
    }
}
