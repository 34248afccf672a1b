using System.Text;

namespace ImapTrigger.Imap.Guards;

/// <summary>
/// Reads an Authentication-Results field piece by piece. What stands in quotation marks or in a comment is never taken for syntax: a sender chooses the local part
/// of an address, and servers repeat it.
/// </summary>
internal sealed class AuthenticationText(string text)
{
    private bool _isFirst;

    public int Position { get; private set; }

    public bool IsAtEnd => Peek == '\0';

    /// <summary>What comes after white space and comments; NUL at the end.</summary>
    public char Peek
    {
        get
        {
            SkipComments();
            return Here;
        }
    }

    private char Here => Position < text.Length ? text[Position] : '\0';

    /// <summary>The results begin here, without a separator before the first.</summary>
    public void BeginAt(int position) => (Position, _isFirst) = (position, true);

    /// <summary>Whether another result begins; takes the semicolon before it.</summary>
    public bool TakeSeparator()
    {
        if (_isFirst)
        {
            _isFirst = false;
            return true;
        }

        // One at the very end separates nothing.
        return Take(';') && !IsAtEnd;
    }

    public bool Take(char wanted)
    {
        if (Peek != wanted)
            return false;
        Position++;
        return true;
    }

    /// <summary>A method or a property, in lower case; there may be comments around its dot. Empty when there is none.</summary>
    public string TakeName()
    {
        var name = new StringBuilder();
        while (IsOfName(Peek))
        {
            var begin = Position;
            while (IsOfName(Here))
                Position++;
            var part = text.AsSpan(begin, Position - begin);
            // After a space another begins, unless a dot joins them.
            if (name.Length > 0 && name[^1] != '.' && part[0] != '.')
                name.Clear();
            name.Append(part);
        }

        return name.ToString().ToLowerInvariant();
    }

    /// <summary>Who writes: as a value, but an equals sign ends it.</summary>
    public string TakeId() => TakeUpTo('=');

    /// <summary>Up to white space, a comment or a semicolon, but for those within quotation marks, which are taken off.</summary>
    public string TakeValue() => TakeUpTo('\0');

    /// <summary>Passes over what is no name: one character, or all between quotation marks.</summary>
    public void Skip()
    {
        if (Peek == '"')
            TakeQuoted(new StringBuilder());
        else if (!IsAtEnd)
            Position++;
    }

    private string TakeUpTo(char end)
    {
        var value = new StringBuilder();
        SkipComments();
        while (Here is not ('\0' or ';' or '(') && Here != end && !char.IsWhiteSpace(Here))
        {
            if (Here == '"')
                TakeQuoted(value);
            else
                value.Append(text[Position++]);
        }

        return value.ToString();
    }

    private void TakeQuoted(StringBuilder value)
    {
        for (Position++; Here != '"'; Position++)
        {
            if (Here == '\\')
                Position++;
            if (Here == '\0')
                throw new FormatException("A quoted string that does not end.");
            value.Append(Here);
        }

        Position++;
    }

    /// <summary>White space and comments, which nest (RFC 5322, 3.2.2).</summary>
    private void SkipComments()
    {
        for (var depth = 0; Position < text.Length; Position++)
        {
            switch (text[Position])
            {
                case '(':
                    depth++;
                    break;
                case ')' when depth > 0:
                    depth--;
                    break;
                case '\\' when depth > 0:
                    Position++;
                    break;
                case var c when depth == 0 && !char.IsWhiteSpace(c):
                    return;
            }

            if (depth > 0 && Position >= text.Length - 1)
                throw new FormatException("A comment that does not end.");
        }
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
