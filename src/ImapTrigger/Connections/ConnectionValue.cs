using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>
/// The one value of a connection, where it has one. Settings are found without regard to case, and shells set names as well: <c>MAIL=/var/mail/ann</c> must neither
/// pass for the connection <c>Mail</c> nor hide it.
/// </summary>
internal static class ConnectionValue
{
    /// <summary>Null when there is none that is meant for us.</summary>
    public static string? Of(IConfiguration configuration, IConfigurationSection section)
    {
        if (section.Value is not { Length: > 0 } value)
            return null;
        if (IsUrl(value))
            return value;
        if (Hidden(configuration, section.Path) is { } url)
            return url;
        return IsPath(value) || section.GetChildren().Any() ? null : value;
    }

    /// <summary>A file's, on any system: what no URL and no connection string begins with.</summary>
    public static bool IsPath(string value) => value is ['/' or '\\' or '~' or '.', ..] or [_, ':', '/' or '\\', ..];

    private static bool IsUrl(string? value) =>
        value is not null && (value.StartsWith("imap://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("imaps://", StringComparison.OrdinalIgnoreCase));

    /// <summary>A URL that a shell's value has taken the place of: in a source of settings of less weight, or beside it in the environment, where MAIL and Mail are two.</summary>
    private static string? Hidden(IConfiguration configuration, string path)
    {
        var sources = configuration is IConfigurationRoot root ? root.Providers.Reverse() : [];
        return sources.Select(source => source.TryGet(path, out var value) ? value : null)
            .Append(Environment.GetEnvironmentVariable(path.Replace(":", "__", StringComparison.Ordinal)))
            .FirstOrDefault(IsUrl);
    }
}
