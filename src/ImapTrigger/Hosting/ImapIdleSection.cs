using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Hosting;

/// <summary>The section of host.json -> options. A name that is not known is a mistake: a slip must not pass for a default. A null is: it leaves the default.</summary>
internal static class ImapIdleSection
{
    public const string Name = "imapIdle";

    private static readonly PropertyInfo[] Settings = typeof(ImapIdleOptions).GetProperties();

    private static readonly string Known = string.Join(", ", Settings.Select(setting => CamelCase(setting.Name)));

    public static string CamelCase(string property) => char.ToLowerInvariant(property[0]) + property[1..];

    /// <summary>Sets what can be read; the rest is told by the options' validation.</summary>
    public static void Bind(IConfigurationSection section, ImapIdleOptions options)
    {
        if (section.Value is { Length: > 0 })
            options.HostJson.Add("host.json, extensions.imapIdle is a section of settings, not one value.");
        foreach (var child in section.GetChildren())
        {
            var place = HostJson.Place(child.Key);
            if (Settings.FirstOrDefault(setting => setting.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } setting)
                options.HostJson.Add($"{place} is not known. There are: {Known}.");
            else if (child.GetChildren().FirstOrDefault() is { } part)
                options.HostJson.Add($"{place} is one value, but there is {part.Key} in it.");
            // JSON's null comes as either, depending on the version of .NET.
            else if (!string.IsNullOrEmpty(child.Value))
                Set(setting, child.Value, place, options);
        }
    }

    private static void Set(PropertyInfo setting, string text, string place, ImapIdleOptions options)
    {
        var (value, expected) = Read(setting.PropertyType, text);
        if (value is null)
        {
            options.HostJson.Add($"{place}: '{text}' is not {expected}.");
            return;
        }

        setting.SetValue(options, value);
        options.HostJson.HasSet(setting.Name, value);
    }

    private static (object? Value, string Expected) Read(Type type, string text)
    {
        if (type == typeof(int))
            return (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null, "a whole number");
        if (type == typeof(TimeSpan))
            return (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null, "a time such as 00:09:00");
        if (!type.IsEnum)
            return (text, "a text");
        // Not Enum.TryParse, which takes numbers and lists too.
        var names = Enum.GetNames(type);
        var name = names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return (name is null ? null : Enum.Parse(type, name), $"one of {string.Join(", ", names.Select(CamelCase))}");
    }
}
