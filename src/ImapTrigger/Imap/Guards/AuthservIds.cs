namespace ImapTrigger.Imap.Guards;

/// <summary>
/// Under which identifiers (authserv-id, RFC 8601, 2.5) a mailbox's own server writes: host names, <c>*.example.org</c> for those below one, <c>none</c> where it writes
/// without one; with commas between.
/// </summary>
internal sealed class AuthservIds
{
    // Their names at the servers as of 2026, each as its provider writes it.
    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["imap.gmail.com"] = "mx.google.com",
        ["imap.googlemail.com"] = "mx.google.com",
        ["outlook.office365.com"] = "none",
        ["outlook.office.com"] = "none",
        ["imap-mail.outlook.com"] = "none",
        ["imap.mail.yahoo.com"] = "*.yahoo.com",
        ["imap.aol.com"] = "*.yahoo.com, *.aol.com",
        ["imap.mail.me.com"] = "*.icloud.com",
        ["imap.fastmail.com"] = "*.messagingengine.com",
    };

    private readonly string[] _patterns;

    private AuthservIds(string[] patterns) => _patterns = patterns;

    /// <summary>Null when none is configured, and the host is not known: then the position alone tells (<see cref="AuthenticationTrust"/>).</summary>
    public static AuthservIds? Of(ImapAccount account) =>
        (account.AuthservId ?? Known.GetValueOrDefault(account.Host)) is { } text ? new(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) : null;

    /// <param name="id">Null where none is written.</param>
    public bool Contain(string? id) => Array.Exists(_patterns, pattern => pattern switch
    {
        "none" => id is null,
        ['*', '.', ..] => id?.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase) == true,
        _ => pattern.Equals(id, StringComparison.OrdinalIgnoreCase),
    });
}
