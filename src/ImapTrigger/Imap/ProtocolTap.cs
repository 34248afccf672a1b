using System.Buffers;
using System.Text;
using MailKit;

namespace ImapTrigger.Imap;

/// <summary>
/// Listens to MailKit's connection for what MailKit keeps to itself: that IDLE has begun, lines that raise no event, refusals and farewells with
/// their codes, and when the last byte came (the byte clock of law 7). Keeps no other text, and nothing of what we send.
/// </summary>
internal sealed class ProtocolTap(TimeProvider time) : IProtocolLogger
{
    private const int MaxLine = 8192;
    private const int MaxTag = 16;
    private readonly ResponseLines _lines = new();
    private byte[]? _line;
    private readonly byte[] _completed = new byte[MaxTag];
    private int _completedLength;
    private int _length;
    private bool _skips;
    private bool _isLoggedIn;
    private volatile bool _hasAnswered;
    private volatile Listener? _listener;
    private long _lastByteAt = time.GetTimestamp();

    /// <summary>How long the server has been silent.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _lastByteAt));

    /// <summary>Whether a byte has come at all, be it TLS that cannot be read yet.</summary>
    public bool HasAnswered => _hasAnswered || HasHeard;

    /// <summary>Whether anything has come above TLS.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>What all that comes has to pass.</summary>
    public ResponseGuard Guard { get; } = new();

    /// <summary>The last tagged NO or BAD since <see cref="Forget"/>; null when there was none.</summary>
    public ServerAnswer? Refusal { get; private set; }

    /// <summary>The server's BYE. A connection has one, and it is its last word.</summary>
    public ServerAnswer? Farewell { get; private set; }

    /// <summary>Called once, with the BYE, while MailKit reads: nothing more than a timer may be set here.</summary>
    public Action? Leaving { get; set; }

    /// <summary>Cyrus keeps conversations, and so has THREADIDs: MailKit knows no such capability.</summary>
    public bool HasConversations { get; private set; }

    /// <summary>The server has completed a command a second time, so that the answer to the next is not its own.</summary>
    public bool IsOutOfStep { get; private set; }

    /// <summary>The server greeted with PREAUTH.</summary>
    public bool IsPreauthenticated { get; private set; }

    IAuthenticationSecretDetector? IProtocolLogger.AuthenticationSecretDetector { get; set; }

    /// <summary>What is said until STARTTLS has brought TLS.</summary>
    public BeforeTls BeforeTls { get; } = new();

    /// <summary>The first byte has come.</summary>
    public void Answered() => _hasAnswered = true;

    /// <summary>The login is done: what is said from here on are answers about mail.</summary>
    public void LoggedIn() => _isLoggedIn = true;

    /// <summary>Before a login: what was refused until then has nothing to do with it.</summary>
    public void Forget() => Refusal = null;

    /// <summary>From here to <see cref="Close"/> all lines are read.</summary>
    /// <param name="idling">Called when the server says that it idles ("+", RFC 2177).</param>
    /// <param name="said">Called with each line that raises no event.</param>
    public void Open(Action idling, Action<string> said)
    {
        _listener = new Listener(idling, said);
        Guard.Command.IsIdling = true;
    }

    public void Close()
    {
        _listener = null;
        Guard.Command.IsIdling = false;
    }

    void IProtocolLogger.LogConnect(Uri uri)
    {
    }

    void IProtocolLogger.LogClient(byte[] buffer, int offset, int count)
    {
        if (!_isLoggedIn)
            BeforeTls.Said(buffer.AsSpan(offset, count));
    }

    void IProtocolLogger.LogServer(byte[] buffer, int offset, int count)
    {
        Interlocked.Exchange(ref _lastByteAt, time.GetTimestamp());
        HasHeard = true;
        Guard.Look(buffer.AsSpan(offset, count));
        if (!_isLoggedIn)
            HasConversations |= buffer.AsSpan(offset, count).IndexOf(" XCONVERSATIONS"u8) >= 0;
        _lines.Follow(buffer.AsSpan(offset, count), static (tap, part, ends) => tap.Hear(part, ends), this);
    }

    void IDisposable.Dispose() => Close();

    private void Hear(ReadOnlySpan<byte> part, bool ends)
    {
        if (!_isLoggedIn)
            BeforeTls.Hear(part, ends);
        // "* 12 FETCH" and the like are nearly all there is, and outside IDLE nobody asks for them: not copied.
        if (_length == 0 && _listener is null && part.Length > 2 && part[0] == '*' && (part[2] | 0x20) is not ('b' or 'p'))
            _skips = true;
        if (!_skips && ends && _length == 0)
            Take(part[..Math.Min(part.Length, MaxLine)].TrimEnd((byte)'\r'));
        else if (!_skips)
            Keep(part, ends);
        if (!ends)
            return;
        _length = 0;
        _skips = false;
    }

    /// <summary>A line that does not come at once: only while it comes is there a buffer for it, for most connections are silent most of the time.</summary>
    private void Keep(ReadOnlySpan<byte> part, bool ends)
    {
        _line ??= ArrayPool<byte>.Shared.Rent(MaxLine);
        var taken = part[..Math.Min(part.Length, MaxLine - _length)];
        taken.CopyTo(_line.AsSpan(_length));
        _length += taken.Length;
        if (!ends)
            return;
        Take(_line.AsSpan(0, _length).TrimEnd((byte)'\r'));
        ArrayPool<byte>.Shared.Return(_line);
        _line = null;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf((byte)' ') is > 0 and <= MaxTag and var space && line[0] is not ((byte)'*' or (byte)'+'))
        {
            IsOutOfStep |= line[..space].SequenceEqual(_completed.AsSpan(0, _completedLength));
            line[..space].CopyTo(_completed);
            _completedLength = space;
        }

        switch (ServerAnswer.Parse(line))
        {
            case { Status: "BYE" } when Farewell is not null:
                break;
            case { Status: "BYE" } farewell:
                Farewell = farewell;
                Leaving?.Invoke();
                break;
            case { Status: "PREAUTH" }:
                IsPreauthenticated = true;
                break;
            case { } refusal:
                Refusal = refusal;
                break;
        }

        // Last: who hears a BYE asks what it was.
        _listener?.Hear(line);
    }

    private sealed class Listener(Action idling, Action<string> said)
    {
        public void Hear(ReadOnlySpan<byte> line)
        {
            if (line.StartsWith("+"u8))
                idling();
            else if (line.StartsWith("* "u8) && !RaisesEvent(line[2..]))
                said(Encoding.UTF8.GetString(line));
        }

        // What MailKit turns into an event: "12 EXISTS", "3 EXPUNGE", "0 RECENT", "5 FETCH (...)", "VANISHED 7:9".
        private static bool RaisesEvent(ReadOnlySpan<byte> data)
        {
            if (data.StartsWith("VANISHED"u8))
                return true;
            var digits = data.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits <= 0 || data[digits] != ' ')
                return false;
            var word = data[(digits + 1)..];
            return word.StartsWith("EXISTS"u8) || word.StartsWith("EXPUNGE"u8) || word.StartsWith("RECENT"u8) || word.StartsWith("FETCH"u8);
        }
    }
}
