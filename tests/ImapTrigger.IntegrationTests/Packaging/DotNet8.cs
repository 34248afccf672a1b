using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>The runtime of a Functions host on .NET 8, which need not be installed: put together from its package and the dotnet command of this machine.</summary>
internal static class DotNet8
{
    /// <summary>Makes it in a folder; returns its dotnet command.</summary>
    public static string Assemble(DirectoryInfo folder)
    {
        var package = new DirectoryInfo(Repository.Restored("DotNet8"));
        var runtime = folder.CreateSubdirectory($"shared/Microsoft.NETCore.App/{package.Name}");
        foreach (var file in package.GetDirectories("runtimes").Single().EnumerateFiles("*", SearchOption.AllDirectories))
            file.CopyTo(Path.Combine(runtime.FullName, file.Name), overwrite: true);
        var resolver = folder.CreateSubdirectory($"host/fxr/{package.Name}");
        File.Move(Path.Combine(runtime.FullName, "libhostfxr.so"), Path.Combine(resolver.FullName, "libhostfxr.so"));
        var command = Path.Combine(folder.FullName, "dotnet");
        File.Copy(OnPath("dotnet"), command);
        return command;
    }

    private static string OnPath(string name)
    {
        var found = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder => new FileInfo(Path.Combine(folder, name))).First(file => file.Exists);
        return (found.ResolveLinkTarget(returnFinalTarget: true) ?? found).FullName;
    }
}
