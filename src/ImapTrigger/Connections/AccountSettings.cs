using System.Globalization;

namespace ImapTrigger.Connections;

/// <summary>The single settings of one mailbox, such as <c>Imap__host</c>, with the defaults of its set -> a mailbox.</summary>
internal sealed class AccountSettings(SettingGroup settings, AccessTokens tokens, Mistakes mistakes)
{
    public static readonly string[] Known =
        ["host", "port", "security", "userName", "password", "certificateFingerprint", "caCertificate", "allowPlainText", "proxy", "authentication", "authservId", "folder", "tag"];

    private static readonly string[] KnownWithToken = [.. Known.Except(["password", "allowPlainText"])];
    public static readonly string[] KnownWithOAuth = [.. KnownWithToken, "scope", .. AccessTokens.Known];

    /// <summary>All that there may be, in whatever combination.</summary>
    public static readonly string[] All = [.. Known.Union(KnownWithOAuth)];

    /// <summary>The mailbox, or null when mistakes were found, which are then all there.</summary>
    public ImapMailbox? Read()
    {
        var before = mistakes.Count;
        CheckValues(settings, mistakes);
        var login = Login();
        CheckNames(login);
        var (security, proxy) = (Security(), Proxy(out var systemProxy));
        var (host, port, userName) = (Host(), Port(), Required("userName"));
        var account = new ImapAccount
        {
            Host = host,
            Port = port,
            Security = security,
            UserName = userName,
            Password = login is LoginBy.Password ? Required("password") : null,
            AccessToken = login is LoginBy.OAuth ? Token(userName) : login is LoginBy.Provider ? Provided(host, userName) : null,
            Secrets = new SecretWords([.. login is LoginBy.OAuth ? AccessTokens.SecretsIn(settings) : [], .. PasswordOf(proxy)]),
            Proxy = proxy,
            UseSystemProxy = systemProxy,
            CertificateFingerprint = Fingerprint(security),
            CaCertificate = CaCertificate(security),
            AllowPlainText = login is LoginBy.Password && AllowPlainText(),
            AuthservId = AuthservId(),
        };
        // Whoever reads a token may use it, here and elsewhere, until it ends.
        if (account is { AccessToken: not null, IsReadableOutside: true })
            Wrong("security", "= none would send the access token readable; use tls or startTls");
        else if (login is LoginBy.Password && account is { IsReadableOutside: true, AllowPlainText: false, Host.Length: > 0 })
            Wrong("security", $"= none would send the password readable across the network to {account.Host}; use tls or startTls. To send it readable nevertheless, set {settings.NameOf("allowPlainText")} = true");
        CheckText("userName");
        var mailbox = new ImapMailbox { Account = account, Folder = Folder(), Tag = Tag() };
        return mistakes.Count == before ? mailbox : null;
    }

    /// <summary>A mailbox whose account is one value: what a URL does not say may be among the defaults.</summary>
    public ImapMailbox? Complete(ImapAccount account)
    {
        var before = mistakes.Count;
        if (account.UserName.Any(char.IsControl))
            mistakes.Add($"the user name in {settings.Name} must not have a control character in it.");
        var complete = account with
        {
            CertificateFingerprint = Fingerprint(account.Security),
            CaCertificate = CaCertificate(account.Security),
            Proxy = Proxy(out var systemProxy),
            UseSystemProxy = systemProxy,
            AuthservId = AuthservId(),
        };
        complete = complete with { Secrets = new SecretWords([.. PasswordOf(complete.Proxy)]) };
        var mailbox = new ImapMailbox { Account = complete, Folder = Folder(), Tag = Tag() };
        return mistakes.Count == before ? mailbox : null;
    }

    /// <summary>What is wrong with values, whatever they mean.</summary>
    public static void CheckValues(SettingGroup settings, Mistakes mistakes)
    {
        foreach (var (key, value) in settings.Values)
        {
            if (settings.Parts.TryGetValue(key, out var part))
                mistakes.Add($"{settings.Called(key)} is one value, but there is {part}.");
            // Azure hands the reference itself over when it cannot read the secret.
            else if (value?.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase) == true)
                mistakes.Add($"{settings.Called(key)} is a Key Vault reference that has not been resolved. Give the app's identity the role Key Vault Secrets User on it, and restart the app.");
        }
    }

    /// <summary>Of its own settings: what is among the defaults holds for others, too.</summary>
    private void CheckNames(LoginBy? login)
    {
        string[] known = login switch
        {
            LoginBy.OAuth => [.. KnownWithToken, "scope", .. AccessTokens.KnownIn(settings)],
            LoginBy.Provider => KnownWithToken,
            _ => Known,
        };
        foreach (var key in settings.Values.Keys.Where(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)))
        {
            if (Known.Contains(key, StringComparer.OrdinalIgnoreCase))
                mistakes.Add($"{settings.Called(key)} contradicts {settings.NameOf("authentication")} = {settings.Find("authentication")}: with a token there is no password.");
            else if (!KnownWithOAuth.Contains(key, StringComparer.OrdinalIgnoreCase))
                mistakes.Add($"{settings.Called(key)} is not known. There are: {string.Join(", ", known)}.");
            else if (login is LoginBy.OAuth)
                mistakes.Add($"{settings.Called(key)} is of another way to get a token than {settings.NameOf(AccessTokens.KnownIn(settings)[0])}. With that one there are: {string.Join(", ", known)}.");
            else
                mistakes.Add($"{settings.Called(key)} needs {settings.NameOf("authentication")} = oauth2.");
        }
    }

    /// <summary>Null when it cannot be known.</summary>
    private LoginBy? Login()
    {
        switch (settings.Find("authentication")?.ToLowerInvariant())
        {
            case null or "password":
                return LoginBy.Password;
            case "oauth2":
                return LoginBy.OAuth;
            case "tokenprovider":
                return LoginBy.Provider;
            default:
                Wrong("authentication", "must be password, oauth2 or tokenProvider");
                return null;
        }
    }

    private string Host()
    {
        var host = Required("host").Trim();
        if (host.Length == 0)
            return host;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            Wrong("host", "must be a host name or an IP address alone, without scheme, port or path");
        return host.All(char.IsAscii) || !Uri.TryCreate($"imap://{host}", UriKind.Absolute, out var international) ? host : international.IdnHost;
    }

    private int? Port()
    {
        if (settings.Find("port") is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
            return port;
        Wrong("port", "must be a number from 1 to 65535");
        return null;
    }

    // Not Enum.TryParse, which takes numbers too, and adds up a list: "tls,startTls" would be none.
    private ImapSecurity Security()
    {
        switch (settings.Find("security")?.ToLowerInvariant())
        {
            case null or "auto":
                return ImapSecurity.Auto;
            case "tls":
                return ImapSecurity.Tls;
            case "starttls":
                return ImapSecurity.StartTls;
            case "none":
                return ImapSecurity.None;
            default:
                Wrong("security", "must be auto, tls, startTls or none");
                return ImapSecurity.Auto;
        }
    }

    private string? Fingerprint(ImapSecurity security)
    {
        if (settings.Find("certificateFingerprint") is not { } text)
            return null;
        var hex = text.Replace(":", "", StringComparison.Ordinal);
        if (hex.Length != 64 || !hex.All(char.IsAsciiHexDigit))
            Wrong("certificateFingerprint", "must be the SHA-256 of the certificate: 64 hex digits, colons allowed");
        if (security == ImapSecurity.None)
            Wrong("certificateFingerprint", "contradicts security = none: without TLS there is no certificate");
        return text;
    }

    private Uri? Proxy(out bool system)
    {
        system = false;
        if (settings.Find("proxy") is not { } text)
            return null;
        system = text.Equals("environment", StringComparison.OrdinalIgnoreCase);
        if (system)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5" && proxy.Host.Length > 0 && proxy.PathAndQuery is "/" or "")
            return proxy;
        Wrong("proxy", "must be http://host:port, https://host:port or socks5://host:port, with user:password@ before the host where it wants them, or the word environment");
        return null;
    }

    private static IEnumerable<string> PasswordOf(Uri? proxy) =>
        proxy?.UserInfo.Split(':', 2) is [_, { Length: > 0 } password] ? new[] { password, Uri.UnescapeDataString(password) }.Distinct() : [];

    private string? CaCertificate(ImapSecurity security)
    {
        if (settings.Find("caCertificate") is not { } text)
            return null;
        if (security == ImapSecurity.None)
            Wrong("caCertificate", "contradicts security = none: without TLS there is no certificate");
        else if (settings.Find("certificateFingerprint") is not null)
            Wrong("caCertificate", "contradicts certificateFingerprint, which pins one certificate, whoever vouches for it");
        else
            TryRead(text);
        return text;
    }

    private void TryRead(string caCertificate)
    {
        try
        {
            CaCertificates.Read(caCertificate);
        }
        catch (FormatException e)
        {
            Wrong("caCertificate", e.Message);
        }
    }

    private bool AllowPlainText()
    {
        if (settings.Find("allowPlainText") is not { } text)
            return false;
        if (bool.TryParse(text, out var allowed))
            return allowed;
        Wrong("allowPlainText", "must be true or false");
        return true;
    }

    private string? AuthservId()
    {
        if (settings.Find("authservId") is not { } text)
            return null;
        // The Internet's are host names; one that is not would never be found in a header.
        if (text.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(id => Uri.CheckHostName(id.StartsWith("*.", StringComparison.Ordinal) ? id[2..] : id) == UriHostNameType.Unknown) is not null)
            Wrong("authservId", "must be the name under which the server writes Authentication-Results, such as mx.example.org or *.example.org, several with commas between, or none");
        return text;
    }

    private string? Folder()
    {
        CheckText("folder");
        return settings.Find("folder");
    }

    /// <summary>What names a mailbox stands in log lines.</summary>
    private void CheckText(string key)
    {
        if (settings.Find(key)?.Any(char.IsControl) == true)
            Wrong(key, "must not have a control character in it");
    }

    private string? Tag()
    {
        if (settings.Find("tag") is not { } tag)
            return null;
        if (tag.Length > ImapMailbox.MaxTag || tag.Any(char.IsControl))
            Wrong("tag", $"must be at most {ImapMailbox.MaxTag} characters, none of them a control character");
        return tag;
    }

    private Func<CancellationToken, Task<string>>? Provided(string host, string userName)
    {
        if (tokens.OfProvider(host, userName) is { } provider)
            return provider;
        Wrong("authentication", "= tokenProvider needs an IImapTokenProvider in the host's services: services.AddSingleton<IImapTokenProvider, ...>()");
        return null;
    }

    private Func<CancellationToken, Task<string>>? Token(string userName)
    {
        try
        {
            return tokens.Of(settings, userName, Wrong);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            mistakes.Add($"the credential in {settings.Name} cannot be used: {e.Message}");
            return null;
        }
    }

    private string Required(string key)
    {
        if (settings.Find(key) is { } value)
            return value;
        // With parts it is there, and has been complained of.
        if (!settings.Parts.ContainsKey(key))
            mistakes.Add($"{settings.Called(key)} is missing or empty.");
        return "";
    }

    private void Wrong(string key, string problem) => mistakes.Add($"{settings.Subject(key)} {problem}.");

    private enum LoginBy
    {
        Password,
        OAuth,
        Provider,
    }
}
