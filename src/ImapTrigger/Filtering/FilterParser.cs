namespace ImapTrigger.Filtering;

/// <summary>
/// Tokens -> nodes. <c>filter = or ; or = and *("OR" and) ; and = 1*(["AND"] not) ; not = *("-" / "NOT") one ; one = "(" or ")" / word ":" value / word ":(" or ")"</c>.
/// Goes on after a mistake, so that all are told.
/// </summary>
internal sealed class FilterParser
{
    private readonly FilterLexer _lexer;
    private readonly IReadOnlyCollection<string> _headers;
    private readonly List<FilterMistake> _mistakes;
    private FilterToken _token;
    private int _conditions;
    private int _depth;

    public FilterParser(string text, IReadOnlyCollection<string> headers, List<FilterMistake> mistakes)
    {
        _headers = headers;
        _mistakes = mistakes;
        _lexer = new FilterLexer(text, mistakes);
        _token = _lexer.Next();
    }

    public FilterNode Parse()
    {
        var node = Or(word: null);
        while (_token.Kind == TokenKind.Close)
        {
            Wrong(_token.Position, "this parenthesis was never opened");
            Advance();
            if (_token.Kind is not (TokenKind.Close or TokenKind.End))
                Or(word: null);
        }

        return node;
    }

    /// <param name="word">The word before the parenthesis that we are in; null when there is none.</param>
    private FilterNode Or(string? word)
    {
        var nodes = new List<FilterNode>();
        for (var or = -1; ; Advance())
        {
            var node = And(word, out var count);
            nodes.Add(node);
            // In some mail programs OR binds the two beside it, in others all: nobody should have to guess.
            if (count > 1 && (or >= 0 || _token.Kind == TokenKind.Or))
                Wrong(or >= 0 ? or : _token.Position, "OR stands beside more than one condition; put those that belong together into parentheses");
            if (_token.Kind != TokenKind.Or)
                return nodes is [var only] ? only : new AnyOf(nodes);
            or = _token.Position;
        }
    }

    private FilterNode And(string? word, out int count)
    {
        var nodes = new List<FilterNode>();
        while (true)
        {
            nodes.Add(Not(word));
            if (_token.Kind == TokenKind.And)
                Advance();
            else if (_token.Kind is TokenKind.Or or TokenKind.Close or TokenKind.End)
                break;
        }

        count = nodes.Count;
        return nodes is [var only] ? only : new AllOf(nodes);
    }

    private FilterNode Not(string? word)
    {
        var negated = false;
        for (; _token.Kind == TokenKind.Not; Advance())
            negated = !negated;
        var node = One(word);
        return negated ? new Not(node) : node;
    }

    private FilterNode One(string? word)
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Open:
                return Group(word);
            case TokenKind.Term when token.IsGroup:
                Advance();
                if (word is not null)
                    Wrong(token.Position, $"{token.Word}: stands within {word}:( ), where only values may");
                else if (!FilterWords.IsKnown(token.Word!))
                    Wrong(token.Position, FilterWords.Unknown(token.Word!));
                return Group(token.Word);
            case TokenKind.Term:
                Advance();
                return Term(token, word);
            default:
                Wrong(token.Position, token.Kind == TokenKind.End ? "something is missing at the end" : "a condition is missing here");
                return Nothing;
        }
    }

    private FilterNode Group(string? word)
    {
        var open = _token.Position;
        if (++_depth > Filter.MaxDepth)
        {
            Wrong(open, $"more than {Filter.MaxDepth} parentheses within one another");
            // Nothing is read beyond.
            while (_token.Kind != TokenKind.End)
                Advance();
            return Nothing;
        }

        Advance();
        var node = Or(word);
        if (_depth > Filter.MaxDepth)
            return node;
        _depth--;
        if (_token.Kind == TokenKind.Close)
            Advance();
        else
            Wrong(open, "this parenthesis is not closed");
        return node;
    }

    private FilterNode Term(FilterToken token, string? group)
    {
        if (++_conditions == Filter.MaxConditions + 1)
            Wrong(token.Position, $"more than {Filter.MaxConditions} conditions");
        var (word, value) = (token.Word, token.Value ?? "");
        if (group is not null)
        {
            // Within from:( ) a colon is one.
            if (word is not null)
                Wrong(token.Position, $"{word}: stands within {group}:( ), where only values may");
            word = group;
        }
        else if (word is null)
        {
            Wrong(token.Position, Alone(value));
            return Nothing;
        }
        else if (!FilterWords.IsKnown(word))
        {
            Wrong(token.Position, FilterWords.Unknown(word));
            return Nothing;
        }

        if (string.IsNullOrWhiteSpace(value))
        {
            Wrong(token.ValueAt, $"a value must follow {word}: at once, without a space");
            return Nothing;
        }

        if (!FilterWords.IsKnown(word))
            return Nothing;
        var holds = FilterWords.Read(word, value, _headers, out var problem);
        if (holds is not null)
            return new Condition(holds);
        Wrong(token.ValueAt, problem!);
        return Nothing;
    }

    private static string Alone(string value)
    {
        if (value.ToUpperInvariant() is "OR" or "AND" or "NOT")
            return $"write {value.ToUpperInvariant()} in capital letters";
        var quoted = value.Any(char.IsWhiteSpace) ? $"\"{value}\"" : value;
        return $"'{value}' stands alone; say where to look for it, such as subject:{quoted} (the text of a message is not looked at)";
    }

    private static FilterNode Nothing { get; } = new Condition(_ => Truth.Unknown);

    private void Advance() => _token = _lexer.Next();

    private void Wrong(int position, string problem) => _mistakes.Add(new FilterMistake(position, problem));
}
