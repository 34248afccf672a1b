using System.Buffers;
using System.Text;

namespace ImapTrigger.Imap;

/// <summary>A refusal or a farewell as the server sent it: MailKit strips the response code of most (RFC 9051, 7.1; RFC 5530).</summary>
/// <param name="Status"><c>NO</c>, <c>BAD</c>, <c>BYE</c> or <c>PREAUTH</c>.</param>
/// <param name="Code">The response code without its arguments, in upper case; null where there is none.</param>
/// <param name="Text">What is meant for people.</param>
internal sealed record ServerAnswer(string Status, string? Code, string Text)
{
    /// <summary>Much more than is told: a secret at the end of what is told is known by its whole.</summary>
    private const int MaxLine = 4096;
    private const int MaxCode = 40;
    private static readonly SearchValues<byte> TagChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    /// <summary>Reads a line; null for everything that is neither a refusal nor a farewell.</summary>
    public static ServerAnswer? Parse(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        if (space <= 0)
            return null;
        var isTagged = line[0] != '*';
        if (isTagged && line[..space].IndexOfAnyExcept(TagChars) >= 0)
            return null;
        var rest = line[(space + 1)..];
        var end = rest.IndexOf((byte)' ');
        var status = Name(end < 0 ? rest : rest[..end], isTagged);
        if (status is null)
            return null;
        var text = end < 0 ? "" : Encoding.UTF8.GetString(rest[(end + 1)..Math.Min(rest.Length, MaxLine)]).Trim();
        var (code, words) = Split(text);
        return new ServerAnswer(status, code, words);
    }

    /// <summary>What MailKit has kept of an answer, where it has not been heard.</summary>
    public static ServerAnswer Of(string status, string text)
    {
        var (code, words) = Split(text);
        return new ServerAnswer(status, code, words);
    }

    /// <summary>As the server wrote it, for people.</summary>
    public override string ToString() => Code is null ? Text : $"[{Code}] {Text}".TrimEnd();

    private static string? Name(ReadOnlySpan<byte> word, bool isTagged) => isTagged
        ? Ascii.EqualsIgnoreCase(word, "NO"u8) ? "NO" : Ascii.EqualsIgnoreCase(word, "BAD"u8) ? "BAD" : null
        : Ascii.EqualsIgnoreCase(word, "BYE"u8) ? "BYE" : Ascii.EqualsIgnoreCase(word, "PREAUTH"u8) ? "PREAUTH" : null;

    private static (string? Code, string Text) Split(string text)
    {
        if (!text.StartsWith('[') || text.IndexOf(']', StringComparison.Ordinal) is var close && close < 0)
            return (null, text);
        var code = text[1..close].Split(' ', 2)[0];
        return code.Length is 0 or > MaxCode ? (null, text) : (code.ToUpperInvariant(), text[(close + 1)..].Trim());
    }
}
