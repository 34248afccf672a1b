namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>What the commands of README.md are started in.</summary>
internal static class ShellEnvironment
{
    // What dotnet itself needs; the last is set where .NET is not installed in the usual place.
    private static readonly string[] Needed = ["PATH", "HOME", "DOTNET_ROOT"];

    /// <summary>By name: of <c>env -i</c>; of Debian's login and su (f08); of a shell that sets the connection's own name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> All { get; } = new Dictionary<string, IReadOnlyDictionary<string, string>>
    {
        ["env -i"] = new Dictionary<string, string>(),
        ["login"] = OfLogin,
        ["IMAP"] = new Dictionary<string, string>(OfLogin) { ["IMAP"] = "/var/mail/ann" },
    };

    public static IReadOnlyDictionary<string, string> OfLogin => new Dictionary<string, string>
    {
        ["MAIL"] = "/var/mail/ann", ["MAILCHECK"] = "60", ["MAILPATH"] = "/var/mail/ann?New mail", ["USER"] = "ann", ["LOGNAME"] = "ann", ["SHELL"] = "/bin/bash", ["TERM"] = "linux",
        ["LANG"] = "de_DE.UTF-8", ["HUSHLOGIN"] = "FALSE", ["STORAGE"] = "/srv/data", ["XDG_SESSION_ID"] = "1",
    };

    /// <summary>Nothing of this process's own environment but what dotnet needs.</summary>
    public static void Set(IDictionary<string, string?> environment, string name)
    {
        var needed = Needed.Where(environment.ContainsKey).Select(variable => (variable, environment[variable])).ToArray();
        environment.Clear();
        foreach (var (variable, value) in needed)
            environment[variable] = value;
        foreach (var (variable, value) in All[name])
            environment[variable] = value;
    }
}
