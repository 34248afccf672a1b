namespace ImapTrigger.Imap.Guards;

/// <summary>One result in an Authentication-Results field.</summary>
/// <param name="Method">Such as <c>spf</c>, in lower case.</param>
/// <param name="Result">Such as <c>pass</c>, in lower case.</param>
/// <param name="Properties">Such as <c>header.d</c>, in lower case, and what it was found to be, as it was written.</param>
internal sealed record MethodResult(string Method, string Result, IReadOnlyDictionary<string, string> Properties);

/// <summary>An Authentication-Results field, taken apart (RFC 8601, 2.2).</summary>
/// <param name="AuthservId">Who wrote it; null where it names nobody, as Exchange Online does.</param>
/// <param name="Results">In its order; empty for <c>none</c>.</param>
internal sealed record AuthenticationResults(string? AuthservId, IReadOnlyList<MethodResult> Results)
{
    /// <summary>Servers write some hundred characters; one that is longer is not read.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxResults = 100;

    /// <summary>Reads the field; null when it is malformed, too long or of another version: nothing in it is then to be believed.</summary>
    public static AuthenticationResults? Parse(string field)
    {
        if (field.Length > MaxLength)
            return null;
        try
        {
            var text = new AuthenticationText(field);
            var id = IdOf(text);
            var results = new List<MethodResult>();
            while (text.TakeSeparator() && results.Count < MaxResults)
            {
                if (ResultOf(text) is { } result)
                    results.Add(result);
            }

            return text.IsAtEnd || results.Count == MaxResults ? new AuthenticationResults(id, results) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? IdOf(AuthenticationText text)
    {
        var begin = text.Position;
        var id = text.TakeId();
        if (id.Length == 0)
            throw new FormatException("By nobody.");
        if (text.Peek == '=')
        {
            // No identifier: the first result stands in its place.
            text.BeginAt(begin);
            return null;
        }

        if (text.Peek is not (';' or '\0') && text.TakeValue() != "1")
            throw new FormatException("Of another version.");
        return id;
    }

    /// <summary>Null for <c>none</c>, for a word that is no result, and for a method of another version.</summary>
    private static MethodResult? ResultOf(AuthenticationText text)
    {
        var method = text.TakeName();
        var isOurs = !text.Take('/') || text.TakeName() == "1";
        var result = text.Take('=') ? text.TakeValue().ToLowerInvariant() : null;
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        while (text.Peek is not (';' or '\0'))
        {
            var name = text.TakeName();
            if (text.Take('='))
                properties.TryAdd(name, text.TakeValue());
            else if (name.Length == 0)
                text.Skip();
        }

        return result is not null && isOurs ? new MethodResult(method, result, properties) : null;
    }
}
