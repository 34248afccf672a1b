using MimeKit;

namespace ImapTrigger.Imap.Guards;

/// <summary>How a message came to be, as its header says.</summary>
internal static class MessageKind
{
    private const int MaxListId = 512;

    public static ImapMessageKind Of(IReadOnlyList<HeaderField> fields)
    {
        if (ContentTypeOf(fields) is { } type && type.IsMimeType("multipart", "report"))
            return IsWord(type.Parameters["report-type"], "delivery-status") ? ImapMessageKind.Bounce : ImapMessageKind.Report;
        if (First(fields, GuardFields.AutoSubmitted) is { } auto && Word(auto) is { Length: > 0 } word && !IsWord(word, "no"))
            return ImapMessageKind.AutoSubmitted;
        // A notification that is no report, as older servers write it.
        if (First(fields, GuardFields.FailedRecipients) is not null || First(fields, GuardFields.ReturnPath)?.Trim() == "<>")
            return ImapMessageKind.Bounce;
        var precedence = First(fields, GuardFields.Precedence) is { } text ? Word(text) : "";
        if (First(fields, GuardFields.ListId) is not null || First(fields, GuardFields.ListPost) is not null || IsWord(precedence, "list"))
            return ImapMessageKind.List;
        return IsWord(precedence, "bulk") || IsWord(precedence, "junk") || IsWord(precedence, "auto_reply") ? ImapMessageKind.AutoSubmitted : ImapMessageKind.Normal;
    }

    /// <summary>What stands in angle brackets after the list's name (RFC 2919, 3).</summary>
    public static string? ListIdOf(IReadOnlyList<HeaderField> fields)
    {
        if (First(fields, GuardFields.ListId) is not { } text)
            return null;
        var open = text.LastIndexOf('<');
        var close = text.IndexOf('>', Math.Max(0, open));
        var id = open >= 0 && close > open ? text[(open + 1)..close] : text;
        return UntrustedText.Clean(id.Trim(), MaxListId) is { Length: > 0 } clean ? clean : null;
    }

    private static string? First(IReadOnlyList<HeaderField> fields, string name)
    {
        foreach (var field in fields)
        {
            if (field.Is(name))
                return field.Raw;
        }

        return null;
    }

    private static ContentType? ContentTypeOf(IReadOnlyList<HeaderField> fields) =>
        First(fields, GuardFields.ContentType) is { } text && ContentType.TryParse(text, out var type) ? type : null;

    /// <summary>Up to a comment or a parameter (RFC 3834, 5).</summary>
    private static string Word(string text)
    {
        var trimmed = text.Trim();
        return trimmed.IndexOfAny([' ', '\t', ';', '(']) is var end and >= 0 ? trimmed[..end] : trimmed;
    }

    private static bool IsWord(string? text, string word) => word.Equals(text, StringComparison.OrdinalIgnoreCase);
}
