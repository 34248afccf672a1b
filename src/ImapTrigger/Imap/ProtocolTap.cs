using System.Text;
using MailKit;

namespace ImapTrigger.Imap;

/// <summary>
/// Listens to MailKit's connection for what MailKit keeps to itself: that IDLE has begun, lines that raise no event,
/// and when the last byte came (the byte clock of law 7). Keeps no text outside IDLE and never looks at what we send.
/// </summary>
internal sealed class ProtocolTap(TimeProvider time) : IProtocolLogger
{
    private const int MaxLine = 8192;
    private readonly ResponseGuard _guard = new();
    private readonly byte[] _line = new byte[MaxLine];
    private int _length;
    private volatile Listener? _listener;
    private long _lastByteAt = time.GetTimestamp();

    /// <summary>How long the server has been silent.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _lastByteAt));

    IAuthenticationSecretDetector? IProtocolLogger.AuthenticationSecretDetector { get; set; }

    /// <summary>From here to <see cref="Close"/> lines are read. The task ends when the server says that it idles ("+", RFC 2177).</summary>
    public Task Open(Action<string> onUnknownLine)
    {
        var listener = new Listener(onUnknownLine);
        _length = 0;
        _listener = listener;
        return listener.Idling.Task;
    }

    public void Close() => _listener = null;

    void IProtocolLogger.LogConnect(Uri uri)
    {
    }

    void IProtocolLogger.LogClient(byte[] buffer, int offset, int count)
    {
    }

    void IProtocolLogger.LogServer(byte[] buffer, int offset, int count)
    {
        Interlocked.Exchange(ref _lastByteAt, time.GetTimestamp());
        _guard.Look(buffer.AsSpan(offset, count));
        if (_listener is not { } listener)
            return;
        foreach (var b in buffer.AsSpan(offset, count))
        {
            if (b == '\n')
            {
                listener.Hear(_line.AsSpan(0, _length).TrimEnd((byte)'\r'));
                _length = 0;
            }
            else if (_length < MaxLine)
            {
                _line[_length++] = b;
            }
        }
    }

    void IDisposable.Dispose() => Close();

    private sealed class Listener(Action<string> onUnknownLine)
    {
        public TaskCompletionSource Idling { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Hear(ReadOnlySpan<byte> line)
        {
            if (line.StartsWith("+"u8))
                Idling.TrySetResult();
            else if (line.StartsWith("* "u8) && !RaisesEvent(line[2..]))
                onUnknownLine(Encoding.UTF8.GetString(line));
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
