using System.Text;

namespace ImapTrigger.Imap;

/// <summary>What one message's answer held: addresses in the ENVELOPE (null without one), and whether a text was no UTF-8.</summary>
internal readonly record struct FetchNote(int? Addresses, bool Garbled);

/// <summary>
/// What MailKit keeps to itself of the answers to a FETCH of metadata: it drops addresses that it cannot read, and takes bytes that are not
/// UTF-8 for Latin-1 before it decodes the words around them.
/// </summary>
internal sealed class FetchNotes
{
    /// <summary>Longer strings than that end MailKit's conversation, so this is content.</summary>
    private const int MaxString = 4096;

    private readonly Dictionary<uint, FetchNote> _notes = [];
    private readonly byte[] _tail = new byte[9];
    private uint _message;
    private int? _addresses;
    private bool _inEnvelope;
    private bool _garbled;
    private bool _plain;
    private bool _content;
    private int _continuations;

    /// <summary>By sequence number.</summary>
    public FetchNote Of(uint message) => _notes.GetValueOrDefault(message);

    /// <summary>Before all that has come is looked at: mostly there is nothing but ASCII in it.</summary>
    public void Begin(ReadOnlySpan<byte> bytes) => _plain = _continuations == 0 && Ascii.IsValid(bytes);

    public void BeginFetch(uint message) => (_message, _addresses, _inEnvelope, _garbled, _content, _continuations) = (message, null, false, false, false, 0);

    public void BeginLiteral(long size) => _content = size > MaxString;

    /// <summary>What stands between strings and parentheses.</summary>
    public void Text(ReadOnlySpan<byte> text, int depth)
    {
        if (_message == 0)
            return;
        if (depth == 1)
        {
            var kept = Math.Min(text.Length, _tail.Length);
            _tail.AsSpan(kept).CopyTo(_tail);
            text[^kept..].CopyTo(_tail.AsSpan(_tail.Length - kept));
        }

        _content = false;
        String(text);
    }

    public void Open(int depth)
    {
        if (_message == 0)
            return;
        if (depth == 2 && Ascii.EqualsIgnoreCase(_tail, "ENVELOPE "))
            (_inEnvelope, _addresses) = (true, 0);
        else if (depth == 4 && _inEnvelope)
            _addresses++;
    }

    public void Close(int depth) => _inEnvelope &= depth > 1;

    public void String(ReadOnlySpan<byte> text)
    {
        if (_plain || _content || _message == 0)
            return;
        foreach (var b in text)
        {
            if (_continuations > 0 && (b & 0xC0) == 0x80)
            {
                _continuations--;
                continue;
            }

            _garbled |= _continuations > 0 || b is >= 0x80 and < 0xC2 or > 0xF4;
            _continuations = b switch
            {
                >= 0xC2 and <= 0xDF => 1,
                >= 0xE0 and <= 0xEF => 2,
                >= 0xF0 and <= 0xF4 => 3,
                _ => 0,
            };
        }
    }

    public void EndFetch()
    {
        if (_message == 0)
            return;
        var before = _notes.GetValueOrDefault(_message);
        _notes[_message] = new FetchNote(_addresses ?? before.Addresses, _garbled || before.Garbled || _continuations > 0);
        (_message, _continuations) = (0, 0);
    }
}
