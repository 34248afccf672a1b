using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

internal static class SettingName
{
    /// <summary>As app settings are written (<c>Imap__host</c>), not as .NET joins them.</summary>
    public static string Of(IConfigurationSection section) => section.Path.Replace(":", "__", StringComparison.Ordinal);
}
