using System.Globalization;
using System.Text;

namespace ImapTrigger.Imap;

internal enum ResponseKind
{
    /// <summary>More has to be read.</summary>
    Unknown,

    /// <summary>OK, NO, BAD, BYE, or PREAUTH as a greeting; a code and text follow.</summary>
    Status,

    /// <summary>A code without a status before it; some servers send it.</summary>
    Code,

    /// <summary>A continuation request (RFC 9051, 7.6).</summary>
    Text,

    Fetch,

    /// <summary>LIST, LSUB or XLIST.</summary>
    Folder,

    /// <summary>Any other data.</summary>
    Data,
}

/// <summary>The first words of a response, by which its kind is known.</summary>
internal sealed class ResponseHead
{
    private readonly byte[] _text = new byte[40];
    private int _length;
    private bool _greeted;

    /// <summary>The message's sequence number, of a FETCH.</summary>
    public uint Number { get; private set; }

    public bool IsBye { get; private set; }

    /// <summary>Whether it ends a command.</summary>
    public bool IsTagged { get; private set; }

    /// <summary>Before the next response.</summary>
    public void Clear() => (_length, Number, IsBye, IsTagged, _greeted) = (0, 0, false, false, true);

    /// <summary>Takes the next byte, unless it belongs to what follows the head.</summary>
    public ResponseKind Take(byte b, out bool taken)
    {
        taken = true;
        if (_length == 0 && b == '[')
            return ResponseKind.Code;
        // "*" is a word by itself, whatever follows it.
        if (_length == 0 && b == '*')
        {
            "* "u8.CopyTo(_text);
            _length = 2;
            return ResponseKind.Unknown;
        }

        var between = b is (byte)' ' or (byte)'\r';
        if (between && (_length == 0 || _text[_length - 1] == ' '))
            return ResponseKind.Unknown;
        if (!between && b > ' ' && b != 0x7F && "(){%*\\\"[]"u8.IndexOf(b) < 0 && _length < _text.Length - 1)
        {
            _text[_length++] = b;
            return ResponseKind.Unknown;
        }

        var kind = KindOf(_text.AsSpan(0, _length));
        if (kind == ResponseKind.Unknown && between)
        {
            _text[_length++] = (byte)' ';
            return ResponseKind.Unknown;
        }

        taken = between;
        return kind == ResponseKind.Unknown ? ResponseKind.Data : kind;
    }

    private ResponseKind KindOf(ReadOnlySpan<byte> words)
    {
        if (words is [(byte)'+', ..])
            return ResponseKind.Text;
        var space = words.IndexOf((byte)' ');
        if (space < 0)
            return ResponseKind.Unknown;
        var rest = words[(space + 1)..];
        if (words[0] != '*')
        {
            IsTagged = Is(rest, "OK") || Is(rest, "NO") || Is(rest, "BAD");
            return IsTagged ? ResponseKind.Status : ResponseKind.Data;
        }

        IsBye = Is(rest, "BYE");
        if (IsBye || Is(rest, "OK") || Is(rest, "NO") || Is(rest, "BAD") || (!_greeted && Is(rest, "PREAUTH")))
            return ResponseKind.Status;
        space = rest.IndexOf((byte)' ');
        if (!uint.TryParse(space < 0 ? rest : rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Is(rest, "LIST") || Is(rest, "LSUB") || Is(rest, "XLIST") ? ResponseKind.Folder : ResponseKind.Data;
        if (space < 0)
            return ResponseKind.Unknown;
        Number = number;
        return Is(rest[(space + 1)..], "FETCH") ? ResponseKind.Fetch : ResponseKind.Data;
    }

    private static bool Is(ReadOnlySpan<byte> word, string expected) => Ascii.EqualsIgnoreCase(word, expected);
}
