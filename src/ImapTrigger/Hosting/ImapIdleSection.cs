using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Hosting;

/// <summary>The section of host.json -> options. A name that is not known is an error: a typing mistake must not pass for a default.</summary>
internal static class ImapIdleSection
{
    private static readonly string[] Known = [.. typeof(ImapIdleOptions).GetProperties().Select(property => ImapIdleOptionsValidation.Camel(property.Name))];

    /// <exception cref="InvalidOperationException">A name is not known, or a value cannot be read.</exception>
    public static void Bind(IConfigurationSection section, ImapIdleOptions options)
    {
        if (section.GetChildren().FirstOrDefault(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new InvalidOperationException($"host.json, extensions.imapIdle.{unknown.Key} is not known. There are: {string.Join(", ", Known)}.");
        section.Bind(options);
    }
}
