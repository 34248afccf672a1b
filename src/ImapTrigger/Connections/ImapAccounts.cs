using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>App settings -> accounts. Errors name the setting and what is wrong with it, never its value.</summary>
internal sealed class ImapAccounts(IConfiguration configuration, AccessTokens tokens)
{
    public static readonly string[] Known = ["host", "port", "security", "userName", "password", "certificateFingerprint", "authentication"];
    public static readonly string[] KnownWithOAuth = [.. Known.Except(["password"]), "scope", .. AccessTokens.Known];

    /// <param name="connection">The name on the attribute.</param>
    /// <param name="function">For the error message.</param>
    /// <exception cref="InvalidOperationException">A setting is missing, contradictory or unreadable.</exception>
    public IReadOnlyList<ImapAccount> Find(string connection, string function)
    {
        if (string.IsNullOrWhiteSpace(connection))
            throw Error(function, "Connection is empty. Give the name of a settings section, such as \"Imap\".");
        // Somebody always puts the connection itself there; it holds a password, so it must not be printed.
        if (connection.Contains("://", StringComparison.Ordinal) || connection.Contains('@'))
            throw Error(function, "Connection holds an address or URL. Put that into an app setting and give the setting's name here.");
        var section = ConnectionSection.Find(configuration, connection)
            ?? throw Error(function, $"the app setting '{connection}' is missing. Set {connection}__host, {connection}__userName and {connection}__password, or {connection} to a URL.");

        // A list, as .NET writes lists in settings: Imap__0, Imap__1, ... each a section or a URL of its own.
        var children = section.GetChildren().ToArray();
        if (section.Value is not { Length: > 0 } && children.Length > 0 && children.All(child => child.Key.All(char.IsAsciiDigit)))
            return children.Select(child => FindOne(child, function)).ToArray();
        return [FindOne(section, function)];
    }

    private ImapAccount FindOne(IConfigurationSection section, string function)
    {
        var keys = section.GetChildren().Select(child => child.Key).ToArray();
        if (section.Value is { Length: > 0 } url)
        {
            if (keys.Length > 0)
                throw Error(function, $"the app setting '{Name(section)}' has a value and also {Name(section)}__{keys[0]}: use either the URL or the single settings.");
            return ImapUrl.Parse(url, out var problem) ?? throw Error(function, $"the app setting '{Name(section)}' cannot be used: {problem}.");
        }

        // Azure hands the reference itself over when it cannot read the secret.
        if (section.GetChildren().FirstOrDefault(child => child.Value?.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase) == true) is { } unresolved)
            throw Error(function, $"the app setting '{Name(unresolved)}' is a Key Vault reference that has not been resolved. Give the app's identity the role Key Vault Secrets User on it, and restart the app.");
        var oauth = IsOAuth(section, function);
        ThrowIfUnknown(section, keys, oauth, function);
        return Read(section, oauth, function);
    }

    private static void ThrowIfUnknown(IConfigurationSection section, IEnumerable<string> keys, bool oauth, string function)
    {
        var known = oauth ? KnownWithOAuth : Known;
        if (keys.FirstOrDefault(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)) is not { } unknown)
            return;
        if (unknown.Equals("password", StringComparison.OrdinalIgnoreCase))
            throw Error(function, $"the app setting '{Name(section)}__password' contradicts {Name(section)}__authentication = oauth2: with a token there is no password.");
        throw Error(function, KnownWithOAuth.Contains(unknown, StringComparer.OrdinalIgnoreCase)
            ? $"the app setting '{Name(section)}__{unknown}' needs {Name(section)}__authentication = oauth2."
            : $"the app setting '{Name(section)}__{unknown}' is not known. There are: {string.Join(", ", known)}.");
    }

    private static bool IsOAuth(IConfigurationSection section, string function) => section["authentication"]?.ToLowerInvariant() switch
    {
        null or "" or "password" => false,
        "oauth2" => true,
        _ => throw Error(function, $"the app setting '{Name(section)}__authentication' must be password or oauth2."),
    };

    private ImapAccount Read(IConfigurationSection section, bool oauth, string function)
    {
        var account = new ImapAccount
        {
            Host = Required("host"),
            Port = Optional("port") is { } port ? ParsePort(port) : null,
            Security = Optional("security") is { } security ? ParseSecurity(security) : ImapSecurity.Auto,
            UserName = Required("userName"),
            Password = oauth ? null : Required("password"),
            AccessToken = oauth ? TokensOf(section, function) : null,
            CertificateFingerprint = Optional("certificateFingerprint"),
        };
        if (account.CertificateFingerprint is { } fingerprint && !IsSha256(fingerprint))
            throw Wrong("certificateFingerprint", "must be the SHA-256 of the certificate: 64 hex digits, colons allowed");
        if (account is { CertificateFingerprint: not null, Security: ImapSecurity.None })
            throw Wrong("certificateFingerprint", "contradicts security = none: without TLS there is no certificate");
        // Whoever reads a token may use it, here and elsewhere, until it ends.
        if (account is { AccessToken: not null, Security: ImapSecurity.None, Host: not ("localhost" or "127.0.0.1") })
            throw Wrong("security", "= none would send the access token readable; use tls or startTls");
        if (account.Host.Contains("://", StringComparison.Ordinal))
            throw Wrong("host", "must be a host name only, without a scheme");
        return account;

        string Required(string key) =>
            Optional(key) ?? throw Error(function, $"the app setting '{Name(section)}__{key}' is missing or empty.");

        string? Optional(string key) => section[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

        int ParsePort(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536
            ? number
            : throw Wrong("port", "must be a number from 1 to 65535");

        ImapSecurity ParseSecurity(string text) => Enum.TryParse<ImapSecurity>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : throw Wrong("security", "must be auto, tls, startTls or none");

        InvalidOperationException Wrong(string key, string problem) => Error(function, $"the app setting '{Name(section)}__{key}' {problem}.");
    }

    private Func<CancellationToken, Task<string>> TokensOf(IConfigurationSection section, string function)
    {
        try
        {
            return tokens.Of(section);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw Error(function, $"the credential in {Name(section)} cannot be used: {e.Message}");
        }
    }

    // As app settings are written, not as .NET joins them.
    private static string Name(IConfigurationSection section) => section.Path.Replace(":", "__", StringComparison.Ordinal);

    private static bool IsSha256(string text)
    {
        var hex = text.Replace(":", "", StringComparison.Ordinal);
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit);
    }

    private static InvalidOperationException Error(string function, string problem) => new($"[ImapIdleTrigger] of function '{function}': {problem}");
}
