using System.Globalization;
using System.Text;

namespace ImapTrigger.Testing.Protocol;

/// <summary>Reads a command from left to right (RFC 9051, 9). Strings are Latin-1, so that no byte is lost.</summary>
internal sealed class CommandText(List<string> lines, List<byte[]> literals)
{
    private int _line;
    private int _at;

    /// <summary>Everything, for the record; literals appear as <c>{n}</c>.</summary>
    public string Whole => string.Concat(lines);

    public bool AtEnd => _line == lines.Count - 1 && _at >= lines[_line].Length;

    public char Peek => _at < lines[_line].Length ? lines[_line][_at] : '\0';

    public void Space() => Expect(' ');

    public void Expect(char expected)
    {
        if (!TryTake(expected))
            throw new BadCommandException($"Expected '{expected}' at position {_at}");
    }

    public bool TryTake(char expected)
    {
        if (Peek != expected)
            return false;
        _at++;
        return true;
    }

    public void End()
    {
        if (!AtEnd)
            throw new BadCommandException($"Unexpected text at position {_at}");
    }

    /// <summary>Up to the next space, parenthesis or end; brackets hold together what is in them.</summary>
    public string Word()
    {
        var text = lines[_line];
        var start = _at;
        var depth = 0;
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (depth == 0 && c is ' ' or '(' or ')')
                break;
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
        }

        return _at > start ? text[start.._at] : throw new BadCommandException($"Expected a word at position {start}");
    }

    /// <summary>An atom, a quoted string or a literal.</summary>
    public string Text() => Encoding.Latin1.GetString(Bytes());

    public byte[] Bytes()
    {
        if (Peek == '{')
            return Literal();
        return Encoding.Latin1.GetBytes(Peek == '"' ? Quoted() : Word());
    }

    /// <summary>What stands between parentheses, word by word.</summary>
    public List<string> Words()
    {
        var words = new List<string>();
        Expect('(');
        while (!TryTake(')'))
        {
            words.Add(Peek == '"' || Peek == '{' ? Text() : Word());
            if (Peek != ')')
                Space();
        }

        return words;
    }

    public static uint Number(string digits) =>
        uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new BadCommandException($"Expected a number, got '{digits}'");

    private byte[] Literal()
    {
        if (_line >= literals.Count)
            throw new BadCommandException("Expected a literal");
        _at = 0;
        return literals[_line++];
    }

    private string Quoted()
    {
        var text = lines[_line];
        var value = new StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] == '"')
            {
                _at++;
                return value.ToString();
            }

            if (text[_at] == '\\')
                _at++;
            if (_at < text.Length)
                value.Append(text[_at]);
        }

        throw new BadCommandException("A quoted string does not end");
    }
}
