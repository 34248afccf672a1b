using System.Text;

namespace ImapTrigger.Filtering;

/// <summary>A filter's text -> tokens. A quotation mark may stand anywhere in a value; within it a backslash takes the next character as it is.</summary>
internal sealed class FilterLexer(string text, List<FilterMistake> mistakes)
{
    private int _at;

    public FilterToken Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
        var begin = _at;
        if (begin == text.Length)
            return new FilterToken(TokenKind.End, begin);
        switch (text[begin])
        {
            case '(':
                _at++;
                return new FilterToken(TokenKind.Open, begin);
            case ')':
                _at++;
                return new FilterToken(TokenKind.Close, begin);
            case '-':
                _at++;
                return new FilterToken(TokenKind.Not, begin);
            default:
                return Term(begin);
        }
    }

    private FilterToken Term(int begin)
    {
        string? word = null;
        var (value, valueAt, quoted) = (new StringBuilder(), begin, false);
        for (; _at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not ('(' or ')'); _at++)
        {
            switch (text[_at])
            {
                case '"':
                    quoted = true;
                    Quoted(value);
                    break;
                case ':' when word is null && !quoted:
                    (word, valueAt) = (value.ToString(), _at + 1);
                    value.Clear();
                    break;
                case '\u201C' or '\u201D' or '\u201E':
                    mistakes.Add(new FilterMistake(_at, $"{text[_at]} is no quotation mark here; write \""));
                    break;
                case var other:
                    value.Append(other);
                    break;
            }
        }

        return new FilterToken(word is null && !quoted ? KindOf(value.ToString()) : TokenKind.Term, begin)
        {
            Word = word,
            Value = value.ToString(),
            ValueAt = valueAt,
            IsGroup = word is not null && value.Length == 0 && !quoted && _at < text.Length && text[_at] == '(',
        };
    }

    /// <summary>Ends at the closing quotation mark.</summary>
    private void Quoted(StringBuilder value)
    {
        var open = _at++;
        for (; _at < text.Length && text[_at] != '"'; _at++)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length)
                _at++;
            value.Append(text[_at]);
        }

        if (_at == text.Length)
        {
            mistakes.Add(new FilterMistake(open, "this quotation mark is not closed"));
            _at--;
        }
    }

    private static TokenKind KindOf(string word) => word switch
    {
        "AND" => TokenKind.And,
        "OR" => TokenKind.Or,
        "NOT" => TokenKind.Not,
        _ => TokenKind.Term,
    };
}
