namespace ImapTrigger.Filtering;

/// <summary>
/// Which messages a function is called with, in the words of mail programs: <c>from:billing@contoso.com has:attachment -is:auto</c> (docs/filter.md). Decided here on the
/// metadata, never by a server, whose SEARCH differs from the next one's. What is not known does not keep a message away.
/// </summary>
internal sealed class Filter
{
    public const int MaxLength = 1000;
    public const int MaxConditions = 64;
    public const int MaxDepth = 16;

    private readonly string _text;
    private readonly FilterNode _node;

    private Filter(string text, FilterNode node)
    {
        _text = text;
        _node = node;
    }

    /// <summary>Reads a filter; null, with all that is wrong with it, when it is none.</summary>
    /// <param name="text">The filter.</param>
    /// <param name="headers">The names of the header fields that are fetched for the function.</param>
    /// <param name="mistakes">In order of position.</param>
    public static Filter? Parse(string text, IReadOnlyCollection<string> headers, out IReadOnlyList<FilterMistake> mistakes)
    {
        if (text.Length > MaxLength)
        {
            mistakes = [new FilterMistake(MaxLength, $"it has {text.Length} characters; at most {MaxLength} are read")];
            return null;
        }

        var found = new List<FilterMistake>();
        var node = new FilterParser(text, headers, found).Parse();
        mistakes = [.. found.OrderBy(mistake => mistake.Position)];
        return found.Count == 0 ? new Filter(text, node) : null;
    }

    public Truth Evaluate(ImapEvent message) => _node.Evaluate(message);

    /// <summary>Whether the function is called with it.</summary>
    public bool Passes(ImapEvent message) => Evaluate(message) != Truth.False;

    public override string ToString() => _text;
}
