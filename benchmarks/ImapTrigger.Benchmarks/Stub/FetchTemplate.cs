using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ImapTrigger.Benchmarks.Stub;

/// <summary>What is answered to one list of FETCH items: text with places for the number, made once.</summary>
internal sealed partial class FetchTemplate
{
    private const string Header = "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: message\r\nMessage-ID: <1@example.org>\r\n\r\n";
    private static readonly ConcurrentDictionary<string, FetchTemplate> Known = new(StringComparer.Ordinal);

    private readonly byte[][] _parts;

    private FetchTemplate(string items)
    {
        var answers = ItemPattern().Matches(items).Select(match => Answer(match.Value.ToUpperInvariant()));
        var text = $"* # FETCH ({string.Join(' ', answers.Where(answer => answer.Length > 0))})\r\n";
        _parts = [.. text.Split('#').Select(Encoding.ASCII.GetBytes)];
    }

    public static FetchTemplate Of(string items) => Known.GetOrAdd(items, static text => new FetchTemplate(text));

    public void Write(IBufferWriter<byte> writer, int number)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            if (i > 0)
            {
                Utf8Formatter.TryFormat(number, writer.GetSpan(11), out var written);
                writer.Advance(written);
            }

            writer.Write(_parts[i]);
        }
    }

    private static string Answer(string item) => item switch
    {
        "UID" => "UID #",
        "FLAGS" => "FLAGS ()",
        "INTERNALDATE" => "INTERNALDATE \"01-Nov-2026 12:00:00 +0000\"",
        "RFC822.SIZE" => "RFC822.SIZE 4711",
        "ENVELOPE" => "ENVELOPE (\"Sun, 01 Nov 2026 12:00:00 +0000\" \"message #\" ((\"Ann\" NIL \"ann\" \"example.org\")) ((\"Ann\" NIL \"ann\" \"example.org\")) "
            + "((\"Ann\" NIL \"ann\" \"example.org\")) ((NIL NIL \"bob\" \"example.org\")) NIL NIL NIL \"<#@example.org>\")",
        "BODYSTRUCTURE" => "BODYSTRUCTURE (\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 4000 100 NIL NIL NIL NIL)",
        _ when item.StartsWith("BODY", StringComparison.Ordinal) =>
            string.Create(CultureInfo.InvariantCulture, $"{item.Replace("BODY.PEEK", "BODY", StringComparison.Ordinal)} {{{Header.Length}}}\r\n{Header}"),
        _ => "",
    };

    [GeneratedRegex(@"BODY(\.PEEK)?\[[^\]]*\]|[A-Z0-9.\-]+", RegexOptions.IgnoreCase)]
    private static partial Regex ItemPattern();
}
