namespace ImapTrigger.Diagnostics;

/// <summary>The tags of mailboxes as metrics have them: each value is a series of its own for whoever collects them, so there are not more than so many in a process.</summary>
internal static class TagValues
{
    public const int Max = 200;

    /// <summary>Stands for all that came after these.</summary>
    public const string Other = "(other)";

    private static readonly object Gate = new();
    private static volatile HashSet<string> _known = new(StringComparer.Ordinal);

    public static string Bounded(string tag)
    {
        if (_known.Contains(tag))
            return tag;
        if (_known.Count >= Max)
            return Other;
        lock (Gate)
        {
            if (_known.Count >= Max && !_known.Contains(tag))
                return Other;
            // Whoever reads has the old one or the new.
            _known = new HashSet<string>(_known, StringComparer.Ordinal) { tag };
            return tag;
        }
    }
}
