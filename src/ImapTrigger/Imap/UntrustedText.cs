using System.Text;

namespace ImapTrigger.Imap;

/// <summary>Text that a sender or a server chose, made safe to log, to show and to name a file by.</summary>
internal static class UntrustedText
{
    private const char Ellipsis = '…';

    /// <summary>Control characters become spaces, and what is longer than <paramref name="limit"/> is cut and marked.</summary>
    public static string? Clean(string? text, int limit)
    {
        if (text is null)
            return null;
        var cut = text.Length > limit;
        var span = text.AsSpan(0, cut ? limit - 1 : text.Length);
        if (!cut && !ContainsUnsafe(span))
            return text;

        var clean = new StringBuilder(span.Length + 1);
        for (var i = 0; i < span.Length; i++)
        {
            if (char.IsHighSurrogate(span[i]) && i + 1 < span.Length && char.IsLowSurrogate(span[i + 1]))
                clean.Append(span[i]).Append(span[++i]);
            else
                clean.Append(IsUnsafe(span[i]) ? ' ' : span[i]);
        }

        return cut ? clean.Append(Ellipsis).ToString() : clean.ToString();
    }

    /// <summary>The last part of a path, without anything that a file system could take for more than a name.</summary>
    public static string? CleanFileName(string? name, int limit)
    {
        if (name is null)
            return null;
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = Clean(last, limit)!.Replace(':', '_').Trim();
        return clean is "" or "." or ".." ? null : clean;
    }

    private static bool ContainsUnsafe(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (IsUnsafe(c) || char.IsSurrogate(c))
                return true;
        }

        return false;
    }

    // Lone surrogates break UTF-8; U+2028 and U+2029 end a line; the others turn the reading direction and disguise names.
    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || c is >= '\u2028' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F' or '\u061C';
}
