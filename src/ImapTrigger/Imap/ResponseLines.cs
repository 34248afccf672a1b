using System.Globalization;

namespace ImapTrigger.Imap;

/// <summary>
/// Cuts what a server sends into lines, as it comes. Literals (RFC 9051, 4.3) are left out, so that what stands in a message is never taken for
/// the server speaking. Holds no text.
/// </summary>
internal sealed class ResponseLines
{
    // The longest end of a line that can announce a literal: "{" 19 digits "+}".
    private const int TailLength = 24;
    private readonly byte[] _tail = new byte[TailLength];
    private int _line;
    private long _literal;

    /// <param name="state">As given to <see cref="Follow"/>.</param>
    /// <param name="part">The next bytes of the line, without its end.</param>
    /// <param name="ends">Whether they are its last.</param>
    public delegate void Part<in T>(T state, ReadOnlySpan<byte> part, bool ends);

    /// <summary>Goes on with what has come.</summary>
    public void Follow<T>(ReadOnlySpan<byte> bytes, Part<T> hear, T state)
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
            var part = end < 0 ? bytes : bytes[..end];
            Keep(part);
            if (end >= 0)
                (_literal, _line) = (AnnouncedLiteral(), 0);
            hear(state, part, ends: end >= 0 && _literal == 0);
            bytes = end < 0 ? [] : bytes[(end + 1)..];
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        var kept = part.Length > TailLength ? part[^TailLength..] : part;
        _tail.AsSpan(kept.Length).CopyTo(_tail);
        kept.CopyTo(_tail.AsSpan(TailLength - kept.Length));
        _line = Math.Min(TailLength, _line + kept.Length);
    }

    private long AnnouncedLiteral()
    {
        var text = _tail.AsSpan(TailLength - _line).TrimEnd((byte)'\r');
        if (text.Length < 3 || text[^1] != '}' || text.LastIndexOf((byte)'{') is var open && open < 0)
            return 0;
        var digits = text[(open + 1)..^1].TrimEnd((byte)'+');
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0;
    }
}
