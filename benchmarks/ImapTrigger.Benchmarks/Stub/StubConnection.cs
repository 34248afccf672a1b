using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ImapTrigger.Benchmarks.Stub;

/// <summary>One client: as much of RFC 9051 and RFC 2177 as the contenders use.</summary>
internal sealed class StubConnection(StubServer server, Stream stream) : IDisposable
{
    private const string Capabilities = "IMAP4rev1 IDLE ID NAMESPACE LITERAL+ SASL-IR UIDPLUS UNSELECT ENABLE AUTH=PLAIN";

    private readonly object _writing = new();
    private readonly ArrayBufferWriter<byte> _answer = new(512);
    private byte[] _buffer = new byte[512];
    private int _filled;
    private StubMailbox _mailbox = new();
    private int _told;

    public void Announce(int count)
    {
        _told = count;
        Send(string.Create(CultureInfo.InvariantCulture, $"* {count} EXISTS\r\n"));
    }

    public async Task ServeAsync()
    {
        Send($"* OK [CAPABILITY {Capabilities}] ready\r\n");
        while (await ReadLineAsync() is { } line)
        {
            var words = line.Split(' ', 3);
            if (words.Length < 2)
                continue;
            var (tag, command, rest) = (words[0], words[1].ToUpperInvariant(), words.Length > 2 ? words[2] : "");
            if (command == "UID")
            {
                var inner = rest.Split(' ', 2);
                (command, rest) = ("UID " + inner[0].ToUpperInvariant(), inner.Length > 1 ? inner[1] : "");
            }

            if (command == "LOGOUT")
            {
                Send($"* BYE\r\n{tag} OK\r\n");
                return;
            }

            await AnswerAsync(tag, command, rest);
        }
    }

    public void Dispose()
    {
        _mailbox.End(this);
        stream.Dispose();
    }

    private async Task AnswerAsync(string tag, string command, string rest)
    {
        switch (command)
        {
            case "CAPABILITY":
                Send($"* CAPABILITY {Capabilities}\r\n{tag} OK\r\n");
                break;
            case "LOGIN":
                LogIn(rest.Split(' ')[0].Trim('"'));
                Send($"{tag} OK [CAPABILITY {Capabilities}] in\r\n");
                break;
            case "AUTHENTICATE":
                var initial = rest.Split(' ');
                if (initial.Length < 2)
                    Send("+ \r\n");
                var plain = Encoding.UTF8.GetString(Convert.FromBase64String(initial.Length < 2 ? await ReadLineAsync() ?? "" : initial[1]));
                LogIn(plain.Split('\0')[1]);
                Send($"{tag} OK [CAPABILITY {Capabilities}] in\r\n");
                break;
            case "NAMESPACE":
                Send($"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n{tag} OK\r\n");
                break;
            case "LIST" or "LSUB":
                Send($"* {command} (\\HasNoChildren) \"/\" {(rest.EndsWith("\"\"", StringComparison.Ordinal) ? "\"\"" : "INBOX")}\r\n{tag} OK\r\n");
                break;
            case "ID":
                Send($"* ID NIL\r\n{tag} OK\r\n");
                break;
            case "SELECT" or "EXAMINE":
                _told = _mailbox.Count;
                Send($"* FLAGS (\\Seen \\Deleted)\r\n* {_told} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] v\r\n* OK [UIDNEXT {_told + 1}] n\r\n{tag} OK [{(command == "SELECT" ? "READ-WRITE" : "READ-ONLY")}] in\r\n");
                break;
            case "STATUS":
                var count = _mailbox.Count;
                Send($"* STATUS INBOX (MESSAGES {count} UIDNEXT {count + 1} UIDVALIDITY 1 UNSEEN 0)\r\n{tag} OK\r\n");
                break;
            case "UID SEARCH":
                Search(tag, rest);
                break;
            case "UID FETCH" or "FETCH":
                Fetch(tag, rest);
                break;
            case "IDLE":
                Send("+ idling\r\n");
                _mailbox.Begin(this, _told);
                await ReadLineAsync();
                _mailbox.Last = _mailbox.Last with { Done = Stopwatch.GetTimestamp() };
                _mailbox.End(this);
                Send($"{tag} OK\r\n");
                break;
            default:
                Send($"{tag} {(command is "NOOP" or "CLOSE" or "UNSELECT" or "ENABLE" or "CHECK" ? "OK" : "BAD")}\r\n");
                break;
        }
    }

    private void LogIn(string user) => _mailbox = server[int.Parse(user.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture)];

    private void Search(string tag, string rest)
    {
        var (first, last) = rest.StartsWith("UID ", StringComparison.OrdinalIgnoreCase) ? Range(rest[4..].Split(' ')[0]) : (1, _mailbox.Count);
        var answer = new StringBuilder("* SEARCH");
        for (var uid = first; uid <= Math.Min(last, _mailbox.Count); uid++)
            answer.Append(' ').Append(uid);
        Send(answer.Append("\r\n").Append(tag).Append(" OK\r\n").ToString());
    }

    private void Fetch(string tag, string rest)
    {
        var asked = Stopwatch.GetTimestamp();
        var set = rest.Split(' ', 2);
        var template = FetchTemplate.Of(set[1]);
        lock (_writing)
        {
            foreach (var range in set[0].Split(','))
            {
                var (first, last) = Range(range);
                for (var number = first; number <= Math.Min(last, _mailbox.Count); number++)
                {
                    template.Write(_answer, number);
                    if (_answer.WrittenCount > 32_000)
                        Flush();
                }
            }

            _answer.Write(Encoding.ASCII.GetBytes($"{tag} OK\r\n"));
            _mailbox.Last = _mailbox.Last with { Asked = asked, Answered = Stopwatch.GetTimestamp() };
            Flush();
        }
    }

    private (int First, int Last) Range(string range)
    {
        var ends = range.Split(':').Select(end => end == "*" ? Math.Max(1, _mailbox.Count) : int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return (ends.Min(), ends.Max());
    }

    private void Flush()
    {
        stream.Write(_answer.WrittenSpan);
        _answer.ResetWrittenCount();
    }

    private void Send(string text)
    {
        lock (_writing)
            stream.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Null at the end.</summary>
    private async ValueTask<string?> ReadLineAsync()
    {
        for (var searched = 0; ;)
        {
            var end = _buffer.AsSpan(searched, _filled - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                end += searched;
                var line = Encoding.ASCII.GetString(_buffer, 0, end).TrimEnd('\r');
                _filled -= end + 1;
                _buffer.AsSpan(end + 1, _filled).CopyTo(_buffer);
                return line;
            }

            searched = _filled;
            if (_filled == _buffer.Length)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            var read = await stream.ReadAsync(_buffer.AsMemory(_filled));
            if (read == 0)
                return null;
            _filled += read;
        }
    }
}
