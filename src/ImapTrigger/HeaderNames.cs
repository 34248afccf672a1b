namespace ImapTrigger;

/// <summary>Names of header fields that somebody chose.</summary>
internal static class HeaderNames
{
    public const int MaxNames = 20;
    public const int MaxLength = 100;

    /// <summary>Names with commas between; each once, as first written. Empty, with the problem, when one is none.</summary>
    public static IReadOnlyList<string> Parse(string text, out string? problem)
    {
        string[] names = [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
        problem = Array.Find(names, name => !IsValid(name)) is { } wrong ? $"'{wrong}' is no name of a header field; write names such as X-Priority, with commas between"
            : names.Length > MaxNames ? $"there are {names.Length} names; at most {MaxNames} fields are fetched"
            : null;
        return problem is null ? names : [];
    }

    /// <summary>What RFC 5322 (3.6.8) allows, but what would need quotes in an IMAP command (RFC 9051, astring).</summary>
    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && name.All(c => c is > ' ' and < '\x7F' and not (':' or ',' or '(' or ')' or '{' or '%' or '*' or '"' or '\\' or ']'));
}
