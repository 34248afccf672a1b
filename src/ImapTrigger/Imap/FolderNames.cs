namespace ImapTrigger.Imap;

/// <summary>Folders that there are, for people who named one that there is not.</summary>
internal static class FolderNames
{
    private const int MaxTold = 20;
    private const int MaxCompared = 1000;
    private const int MaxName = 100;

    /// <summary>A sentence with the nearest name, the separator, and the first names; each cleaned, all bounded.</summary>
    /// <param name="wanted">The name that was asked for.</param>
    /// <param name="names">Those that there are, as the server lists them.</param>
    /// <param name="separator">The hierarchy separator; NUL where there is none.</param>
    public static string Tell(string wanted, IEnumerable<string> names, char separator)
    {
        // INBOX is there even where it is not listed below the namespace (RFC 9051, 5.1).
        var all = names.Prepend("INBOX").Distinct(StringComparer.Ordinal).ToArray();
        var nearest = all.Take(MaxCompared).Select(name => (Name: name, Distance: Distance(Fold(wanted, separator), Fold(name, separator)))).MinBy(found => found.Distance);
        var guess = nearest.Distance * 3 <= wanted.Length ? $" Did you mean {Quote(nearest.Name)}?" : "";
        var levels = separator == '\0' ? "" : $" Levels are separated by '{UntrustedText.Clean(separator.ToString(), 1)}'.";
        var more = all.Length > MaxTold ? $" and {all.Length - MaxTold} more" : "";
        return $"{guess}{levels} There are: {string.Join(", ", all.Take(MaxTold).Select(Quote))}{more}.";
    }

    private static string Quote(string name) => $"'{UntrustedText.Clean(name, MaxName)}'";

    /// <summary>What people mix up is the same: case, the separator, and the prefix that some servers put before everything.</summary>
    private static string Fold(string name, char separator)
    {
        var text = (name.Length > MaxName ? name[..MaxName] : name).ToLowerInvariant().Replace('.', '/').Replace('\\', '/');
        if (separator != '\0')
            text = text.Replace(separator, '/');
        return text.StartsWith("inbox/", StringComparison.Ordinal) ? text["inbox/".Length..] : text;
    }

    /// <summary>Letters to be changed (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
