using System.Globalization;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// Bounds what a server may make us hold: MailKit reads a line, and a literal of the announced size, whole into memory. Follows literals
/// (RFC 9051, 4.3), so that what stands in a message is never taken for the protocol.
/// </summary>
internal sealed class ResponseGuard
{
    /// <summary>A SEARCH that names a million UIDs has 8 MB.</summary>
    public const int MaxLine = 16 * 1024 * 1024;

    /// <summary>Larger than what any provider accepts as a message.</summary>
    public const long MaxLiteral = 256L * 1024 * 1024;

    // The longest end of a line that can announce a literal: "{" 20 digits "+}".
    private const int TailLength = 24;
    private readonly byte[] _tail = new byte[TailLength];
    private long _literal;
    private int _line;

    /// <summary>Looks at what has come, before it is parsed.</summary>
    /// <exception cref="ImapProtocolException">It is more than we take.</exception>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_literal > 0)
            {
                var inside = (int)Math.Min(_literal, bytes.Length);
                _literal -= inside;
                bytes = bytes[inside..];
                continue;
            }

            var end = bytes.IndexOf((byte)'\n');
            Keep(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
                return;
            _literal = AnnouncedLiteral();
            if (_literal > MaxLiteral)
                throw new ImapProtocolException(string.Create(CultureInfo.InvariantCulture, $"The server announced a literal of {_literal} bytes; at most {MaxLiteral} are taken"));
            _line = 0;
            bytes = bytes[(end + 1)..];
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        if (_line + (long)part.Length > MaxLine)
            throw new ImapProtocolException(string.Create(CultureInfo.InvariantCulture, $"The server sent a line of more than {MaxLine} bytes"));
        if (part.Length >= TailLength)
        {
            part[^TailLength..].CopyTo(_tail);
        }
        else
        {
            _tail.AsSpan(part.Length).CopyTo(_tail);
            part.CopyTo(_tail.AsSpan(TailLength - part.Length));
        }

        _line += part.Length;
    }

    private long AnnouncedLiteral()
    {
        var text = _tail.AsSpan(Math.Max(0, TailLength - _line)).TrimEnd((byte)'\r');
        if (text.Length < 3 || text[^1] != '}' || text.LastIndexOf((byte)'{') is var open && open < 0)
            return 0;
        var digits = text[(open + 1)..^1].TrimEnd((byte)'+');
        if (digits.Length == 0 || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            return 0;
        return digits.Length > 18 ? long.MaxValue : long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
