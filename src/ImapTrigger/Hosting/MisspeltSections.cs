using Microsoft.Extensions.Configuration;

namespace ImapTrigger.Hosting;

/// <summary>Sections of host.json that are meant for us and do not reach us: misspelt, or in another place. What stands in them would silently be the defaults.</summary>
internal static class MisspeltSections
{
    private const string Extensions = "extensions";
    private const int FewSlips = 2;
    private static readonly string[] OtherNames = ["imap", "imapTrigger", "imapIdleTrigger"];

    public static IEnumerable<string> Of(IConfiguration configuration)
    {
        foreach (var section in configuration.GetWebJobsRootConfiguration().GetChildren())
        {
            if (IsAlmost(section.Key))
                yield return $"host.json, {section.Key} is not read: the section is extensions.{ImapIdleSection.Name}.";
            var isExtensions = Is(section.Key, Extensions);
            foreach (var inner in section.GetChildren())
            {
                var isMeant = IsAlmost(inner.Key) || (isExtensions && OtherNames.Any(name => Is(inner.Key, name)));
                if (isMeant && !(isExtensions && Is(inner.Key, ImapIdleSection.Name)))
                    yield return $"host.json, {section.Key}.{inner.Key} is not read: the section is extensions.{ImapIdleSection.Name}.";
            }
        }
    }

    private static bool Is(string key, string name) => key.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsAlmost(string key) => Distance(key.ToLowerInvariant(), ImapIdleSection.Name.ToLowerInvariant()) <= FewSlips;

    /// <summary>Levenshtein's: how many letters were left out, added or changed.</summary>
    private static int Distance(string a, string b)
    {
        var above = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i + 1;
            for (var j = 0; j < b.Length; j++)
                row[j + 1] = Math.Min(Math.Min(row[j], above[j + 1]) + 1, above[j] + (a[i] == b[j] ? 0 : 1));
            above = row;
        }

        return above[b.Length];
    }
}
