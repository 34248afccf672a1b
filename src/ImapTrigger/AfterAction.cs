namespace ImapTrigger;

/// <summary>What is done to a message once its event is settled.</summary>
internal enum AfterActionKind
{
    None,

    /// <summary>Flag <c>\Seen</c>.</summary>
    Seen,

    /// <summary>A keyword (RFC 9051, 2.3.2).</summary>
    Keyword,

    /// <summary>To another folder of the account.</summary>
    Move,

    /// <summary>To another folder too; the message stays.</summary>
    Copy,

    /// <summary>Flag <c>\Deleted</c> and expunged, that message alone.</summary>
    Delete,
}

/// <param name="Kind">What to do.</param>
/// <param name="Argument">The keyword or the folder; else null.</param>
internal sealed record AfterAction(AfterActionKind Kind, string? Argument = null)
{
    public static AfterAction None { get; } = new(AfterActionKind.None);

    public bool IsNone => Kind == AfterActionKind.None;

    /// <summary>Whether the message is not in its folder any more afterwards.</summary>
    public bool Removes => Kind is AfterActionKind.Move or AfterActionKind.Delete;

    /// <summary>Whether messages go to another folder, which must not be the one that is watched.</summary>
    public bool HasTarget => Kind is AfterActionKind.Move or AfterActionKind.Copy;

    /// <summary>
    /// Reads <c>none</c>, <c>seen</c>, <c>keyword:$Done</c>, <c>move:Archive/2026</c>, <c>copy:Archive/2026</c> or <c>delete</c>; null, with the problem, when it is
    /// none of these.
    /// </summary>
    public static AfterAction? Parse(string text, out string? problem)
    {
        problem = null;
        var (word, argument) = text.Split(':', 2) is [var first, var rest] ? (first, rest.Trim()) : (text, null);
        switch (word.Trim().ToLowerInvariant())
        {
            case "none" or "" when argument is null:
                return None;
            case "seen" when argument is null:
                return new AfterAction(AfterActionKind.Seen);
            case "delete" when argument is null:
                return new AfterAction(AfterActionKind.Delete);
            case "move" when argument is { Length: > 0 }:
                return new AfterAction(AfterActionKind.Move, argument);
            case "copy" when argument is { Length: > 0 }:
                return new AfterAction(AfterActionKind.Copy, argument);
            case "keyword" when argument is { Length: > 0 } && argument.All(IsAtomChar):
                return new AfterAction(AfterActionKind.Keyword, argument);
            case "keyword":
                problem = "a keyword is written keyword:Name, of letters, digits and $ - _ . only";
                return null;
            default:
                problem = $"'{text}' is none of none, seen, keyword:Name, move:Folder, copy:Folder, delete";
                return null;
        }
    }

    public override string ToString() => Argument is null ? Kind.ToString().ToLowerInvariant() : $"{Kind.ToString().ToLowerInvariant()}:{Argument}";

    // Less than RFC 9051's atom allows, and what every server takes.
    private static bool IsAtomChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '$' or '-' or '_' or '.';
}
