using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Connections;

/// <summary>
/// App settings -> groups, in time that grows with their number. <c>GetChildren()</c> looks through all settings each time, so it is asked once for a whole list, and again only for
/// a mailbox that has a setting which is not known.
/// </summary>
internal static class SettingGroups
{
    private const string What = "the app setting";

    /// <summary>The settings right below a section.</summary>
    public static SettingGroup Of(IConfigurationSection section, IEnumerable<IConfigurationSection> children, SettingGroup? defaults = null)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var child in children)
        {
            values[child.Key] = child.Value;
            if (child.GetChildren().FirstOrDefault() is { } part)
                parts[child.Key] = SettingName.Of(part);
        }

        return New(section, values, parts, defaults);
    }

    /// <summary>The settings of each of a list's sections.</summary>
    /// <param name="configuration">All settings.</param>
    /// <param name="list">The section whose children they are.</param>
    /// <param name="entries">The list's sections.</param>
    /// <param name="known">The names that there may be.</param>
    /// <param name="defaults">What holds for all.</param>
    public static IEnumerable<SettingGroup> OfList(
        IConfiguration configuration, IConfigurationSection list, IReadOnlyList<IConfigurationSection> entries, IReadOnlyCollection<string> known, SettingGroup defaults)
    {
        // Each source names the first part of a setting below the list as often as there are settings with it.
        var sources = configuration is IConfigurationRoot root
            ? root.Providers.Select(source => (Source: source, Names: Count(source.GetChildKeys([], list.Path)))).Where(source => source.Names.Count > 0).ToArray()
            : [];
        foreach (var entry in entries)
        {
            var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            var unread = sources.Length == 0;
            foreach (var (source, names) in sources)
            {
                // What is chained names each part once only.
                unread |= source is not ConfigurationProvider && names.ContainsKey(entry.Key);
                var left = names.GetValueOrDefault(entry.Key) - (source.TryGet(entry.Path, out _) ? 1 : 0);
                if (left <= 0)
                    continue;
                foreach (var name in known)
                {
                    if (!source.TryGet($"{entry.Path}:{name}", out var value))
                        continue;
                    values[name] = value;
                    left--;
                }

                unread |= left != 0;
            }

            yield return unread ? Of(entry, entry.GetChildren(), defaults) : New(entry, values, new Dictionary<string, string>(), defaults);
        }
    }

    private static SettingGroup New(IConfigurationSection section, Dictionary<string, string?> values, Dictionary<string, string> parts, SettingGroup? defaults)
    {
        var name = SettingName.Of(section);
        return new SettingGroup(What, key => key is null ? name : $"{name}__{key}", values) { Parts = parts, Defaults = defaults };
    }

    private static Dictionary<string, int> Count(IEnumerable<string> keys)
    {
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys)
            counts[key] = counts.GetValueOrDefault(key) + 1;
        return counts;
    }
}
