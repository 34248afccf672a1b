using System.Text;

namespace ImapTrigger.IntegrationTests.Fuzz;

/// <summary>Spoils bytes, the same way for the same seed.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[][] Tokens = new[]
    {
        "NIL", "(", ")", "((((((((", "\"", "\\", "{5}\r\n", "{0}\r\n", "{4294967295}\r\n", "{99999999999999999999}\r\n", "{-1}\r\n", "\r\n", "\n", "\0", "*", "* ", "+ ", "[", "]", "<>",
        "4294967296", "-1", "00000000000000000001", " UID ", " FLAGS (", "BODYSTRUCTURE (", "ENVELOPE (", "* BYE x\r\n", "* 1 EXPUNGE\r\n", "* 9999999 EXISTS\r\n", "* VANISHED 1:*\r\n",
        "=?utf-8?b?/////w==?=", "=?x?q?=00?=", "boundary=\"", "Content-Type: multipart/mixed; boundary=x\r\n", "Content-Type: message/rfc822\r\n", "charset=", "\u202e", "name*0*=", "..\\..\\", "--x\r\n",
    }.Select(Encoding.UTF8.GetBytes).ToArray();

    private readonly Random _random = new(seed);

    public byte[] Spoil(byte[] sound)
    {
        var bytes = new List<byte>(sound);
        for (var times = 1 + _random.Next(6); times > 0; times--)
        {
            var at = _random.Next(bytes.Count + 1);
            var length = Math.Min(_random.Next(40), bytes.Count - at);
            switch (_random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, Enumerable.Repeat(Tokens[_random.Next(Tokens.Length)], 1 + _random.Next(50)).SelectMany(token => token));
                    break;
                default:
                    bytes.InsertRange(at, Tokens[_random.Next(Tokens.Length)]);
                    break;
            }
        }

        return bytes.ToArray();
    }

    public T OneOf<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public bool Chance(int percent) => _random.Next(100) < percent;
}
