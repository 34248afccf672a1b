using System.Globalization;

namespace ImapTrigger.IntegrationTests.Servers;

internal static class AccountSettings
{
    /// <summary>The app settings of an account as a user would write them.</summary>
    public static IReadOnlyDictionary<string, string?> Settings(this IMailServer server, string user, ImapSecurity security = ImapSecurity.Tls, string section = "Imap")
    {
        var account = server.Account(user, security);
        return new Dictionary<string, string?>
        {
            [$"{section}:host"] = account.Host,
            [$"{section}:port"] = account.Port!.Value.ToString(CultureInfo.InvariantCulture),
            [$"{section}:security"] = security.ToString(),
            [$"{section}:userName"] = user,
            [$"{section}:password"] = account.Password,
            [$"{section}:certificateFingerprint"] = account.CertificateFingerprint,
        };
    }
}
