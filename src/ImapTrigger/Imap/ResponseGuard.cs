using System.Buffers;
using System.Globalization;
using MailKit.Net.Imap;

namespace ImapTrigger.Imap;

/// <summary>
/// Bounds what a server may make us hold and do, before MailKit sees it: MailKit reads a response, and a literal of the announced size, whole into
/// memory, and descends into parentheses by recursion. Takes responses apart (RFC 9051, 9) exactly as MailKit does, its leniences included, so
/// that what stands in a message or a text is never taken for the protocol, nor the reverse.
/// </summary>
internal sealed class ResponseGuard
{
    /// <summary>A SEARCH that names a million UIDs has 8 MB.</summary>
    public const int MaxResponse = 16 * 1024 * 1024;

    /// <summary>A message to ten thousand recipients has an ENVELOPE of 600 KB; some of MailKit's work grows with the square of it.</summary>
    public const int MaxFetch = 1024 * 1024;

    /// <summary>Parentheses and strings in one response: the same ten thousand recipients, or eight thousand parts.</summary>
    public const int MaxItems = 50_000;

    /// <summary>
    /// Parentheses within one another: each costs up to 4.4 KB of stack (a multipart, code not yet optimized), so 230 are too many for a thread of 1 MB. A
    /// message that was forwarded as an attachment twenty-five times has 60.
    /// </summary>
    public const int MaxDepth = 64;

    /// <summary>Larger than what any provider accepts as a message; of all literals of one response.</summary>
    public const long MaxLiteral = 256L * 1024 * 1024;

    /// <summary>Of all literals of one message's metadata: fields of its header. Most have 2 KB of them; one that has more is fetched another way.</summary>
    public const long MaxFields = 256 * 1024;

    private static readonly SearchValues<byte> Specials = SearchValues.Create("(){\"\n]"u8);
    private readonly ResponseHead _head = new();
    private ResponseKind _kind;
    private State _state;
    private State _after;
    private int _size;
    private int _limit = MaxResponse;
    private int _items;
    private int _depth;
    private long _literal;
    private long _literals;

    private enum State : byte
    {
        /// <summary>The words that say what kind of response it is.</summary>
        Head,

        /// <summary>Between OK, NO, BAD, BYE or PREAUTH and what follows: a code, or text at once.</summary>
        Status,

        /// <summary>Within the brackets of a response code.</summary>
        Code,

        /// <summary>For people; up to the end of the line.</summary>
        Text,

        Data,

        Quoted,

        Escaped,

        /// <summary>After a quotation mark that ends the string only if the next byte agrees: some servers do not escape them.</summary>
        QuoteEnd,

        LiteralSize,

        LiteralPlus,

        LiteralEnd,

        Literal,
    }

    /// <summary>While it is set, what MailKit does not tell of each message's metadata is noted in it.</summary>
    public FetchNotes? Notes { get; set; }

    /// <summary>What has come to the command that runs.</summary>
    public CommandBounds Command { get; } = new();

    /// <summary>Looks at what has come, before it is parsed.</summary>
    /// <exception cref="ImapProtocolException">It is more than we take.</exception>
    public void Look(ReadOnlySpan<byte> bytes)
    {
        Notes?.Begin(bytes);
        while (bytes.Length > 0)
        {
            var counts = _state != State.Literal;
            var taken = Take(bytes);
            if (counts && _state != State.Head && (_size += taken) > _limit)
                throw Refuse($"The server sent a response of more than {_limit} bytes");
            bytes = bytes[taken..];
        }
    }

    /// <summary>Goes on in the current state; returns how many bytes that took, which may be none.</summary>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        switch (_state)
        {
            case State.Data or State.Code:
                return TakeData(bytes);
            case State.Quoted:
                return TakeQuoted(bytes);
            case State.Literal:
                return TakeLiteral(bytes);
            case State.Text:
                var end = bytes.IndexOf((byte)'\n');
                if (end < 0)
                    return bytes.Length;
                EndResponse();
                return end + 1;
            default:
                return TakeOne(bytes[0]) ? 1 : 0;
        }
    }

    private int TakeData(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOfAny(Specials);
        if (at < 0)
        {
            Notes?.Text(bytes, _depth);
            return bytes.Length;
        }

        Notes?.Text(bytes[..at], _depth);
        switch (bytes[at])
        {
            case (byte)'(':
                CountItem();
                if (++_depth > MaxDepth)
                    throw Refuse($"The server sent a response with more than {MaxDepth} parentheses within one another");
                Notes?.Open(_depth);
                break;
            case (byte)')':
                _depth = Math.Max(0, _depth - 1);
                Notes?.Close(_depth);
                break;
            case (byte)'"':
                CountItem();
                (_after, _state) = (_state, State.Quoted);
                break;
            case (byte)'{':
                CountItem();
                (_after, _state, _literal) = (_state, State.LiteralSize, -1);
                break;
            case (byte)']' when _state == State.Code:
                _state = State.Text;
                break;
            case (byte)'\n':
                EndResponse();
                break;
        }

        return at + 1;
    }

    private int TakeQuoted(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOfAny((byte)'"', (byte)'\\');
        Notes?.String(at < 0 ? bytes : bytes[..at]);
        if (at < 0)
            return bytes.Length;
        _state = bytes[at] == '"' ? State.QuoteEnd : State.Escaped;
        return at + 1;
    }

    private int TakeLiteral(ReadOnlySpan<byte> bytes)
    {
        var inside = (int)Math.Min(_literal, bytes.Length);
        Notes?.String(bytes[..inside]);
        _literal -= inside;
        if (_literal == 0)
            _state = _after;
        return inside;
    }

    /// <summary>The states that last a few bytes; false when this byte belongs to the next one.</summary>
    private bool TakeOne(byte b)
    {
        switch (_state)
        {
            case State.Head:
                return TakeHead(b);
            case State.Status:
                return TakeStatus(b);
            case State.Escaped:
                _state = State.Quoted;
                return true;
            case State.QuoteEnd:
                var ends = b is (byte)']' or (byte)')' or (byte)' ' or (byte)'\r' or (byte)'\n';
                _state = ends ? _after : State.Quoted;
                return false;
            case State.LiteralSize when char.IsAsciiDigit((char)b):
                // The limit is far below what could overflow here.
                _literal = (Math.Max(0, _literal) * 10) + (b - '0');
                var most = Notes is not null && _kind == ResponseKind.Fetch ? MaxFields : MaxLiteral;
                if (_literal > most - _literals)
                    throw Refuse($"The server announced literals of {_literals + _literal} bytes or more in one response; at most {most} are taken");
                return true;
            case State.LiteralSize when b == '+' && _literal >= 0:
                _state = State.LiteralPlus;
                return true;
            case State.LiteralSize or State.LiteralPlus when b == '}' && _literal >= 0:
                _state = State.LiteralEnd;
                return true;
            case State.LiteralEnd when b is (byte)'\r' or (byte)' ':
                return true;
            case State.LiteralEnd when b == '\n':
                _literals += _literal;
                _state = _literal == 0 ? _after : State.Literal;
                Notes?.BeginLiteral(_literal);
                return true;
            default:
                throw new ImapProtocolException("The server announced a literal without a size");
        }
    }

    private bool TakeHead(byte b)
    {
        var kind = _head.Take(b, out var taken);
        if (kind == ResponseKind.Unknown)
            return true;
        _kind = kind;
        _state = kind switch
        {
            ResponseKind.Status => State.Status,
            ResponseKind.Text => State.Text,
            ResponseKind.Code => State.Code,
            _ => State.Data,
        };
        if (kind == ResponseKind.Fetch)
        {
            _limit = MaxFetch;
            Notes?.BeginFetch(_head.Number);
        }

        return taken;
    }

    private bool TakeStatus(byte b)
    {
        if (b is (byte)' ' or (byte)'\r')
            return true;
        (_after, _state) = b switch
        {
            (byte)'[' => (_after, State.Code),
            (byte)'"' => (State.Text, State.Quoted),
            // The line that MailKit takes for the text of a BYE without one is the next.
            (byte)'\n' when !_head.IsBye => (_after, State.Head),
            (byte)'{' => throw new ImapProtocolException("The server announced a literal where a text should be"),
            _ => (_after, State.Text),
        };
        if (_state == State.Head)
            EndResponse();
        return true;
    }

    private void CountItem()
    {
        if (++_items > MaxItems)
            throw Refuse($"The server sent a response of more than {MaxItems} strings and lists");
    }

    private void EndResponse()
    {
        Notes?.EndFetch();
        Command.Add(_head, _kind, _size, _literals);
        _head.Clear();
        (_state, _size, _limit, _items, _depth, _literals) = (State.Head, 0, MaxResponse, 0, 0, 0);
    }

    private static ImapProtocolException Refuse(FormattableString why) => new(why.ToString(CultureInfo.InvariantCulture));
}
