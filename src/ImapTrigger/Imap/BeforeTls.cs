namespace ImapTrigger.Imap;

/// <summary>
/// What a server says before STARTTLS has brought TLS (RFC 9051, 6.2.1): greeting, answers, and last the answer to STARTTLS. Whoever sits in between can put more
/// there, to be taken for what the server says within TLS: its capabilities, its refusals, half a line.
/// </summary>
internal sealed class BeforeTls
{
    private bool _any;
    private bool _inLine;
    private bool _isTagged;
    private bool _lastWasDue;
    private bool _oneBeforeWasDue;
    private int _unanswered;
    private bool _ended;

    /// <summary>Whether the server has said something since TLS began: MailKit asks for its capabilities, unless it has been made to believe that it knows them.</summary>
    public bool HasSpokenSince { get; private set; }

    /// <summary>We have said something: command lines, in this part.</summary>
    public void Said(ReadOnlySpan<byte> bytes) => _unanswered += bytes.Count((byte)'\n');

    public void Hear(ReadOnlySpan<byte> part, bool ends)
    {
        HasSpokenSince |= _ended && ends;
        if (_ended)
            return;
        if (!_inLine)
            _isTagged = part is [not ((byte)'*' or (byte)'+'), ..];
        _inLine = !ends;
        if (!ends)
            return;
        (_oneBeforeWasDue, _lastWasDue) = (_lastWasDue, _isTagged || !_any);
        _any = true;
        if (_isTagged)
            _unanswered--;
    }

    /// <summary>TLS begins. Whether the last line is the answer to STARTTLS, with nothing between it and what was due before it, nor behind it.</summary>
    public bool End()
    {
        _ended = true;
        return _isTagged && !_inLine && _oneBeforeWasDue && _lastWasDue && _unanswered == 0;
    }
}
