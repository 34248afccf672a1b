using System.Globalization;

namespace ImapTrigger.Testing.Protocol;

/// <summary>One data item of FETCH (RFC 9051, 6.4.5), with macros already taken apart.</summary>
/// <param name="Name">The item in upper case, such as <c>FLAGS</c> or <c>BODY</c>.</param>
/// <param name="Section">What stands in brackets; null without brackets.</param>
/// <param name="Peek">Whether the message stays unseen.</param>
/// <param name="Partial">Offset and length, when only a part of the section is wanted.</param>
internal sealed record FetchItem(string Name, string? Section = null, bool Peek = true, (long Offset, long Length)? Partial = null)
{
    private static readonly Dictionary<string, string[]> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["FAST"] = ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
        ["ALL"] = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
        ["FULL"] = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
    };

    public static List<FetchItem> Read(CommandText command)
    {
        var words = command.Peek == '(' ? command.Words() : [command.Word()];
        return words.SelectMany(word => Macros.TryGetValue(word, out var items) ? items : [word]).Select(Parse).ToList();
    }

    public void Write(Response response, ImapTestMessage message)
    {
        switch (Name)
        {
            case "UID":
                response.Add(string.Create(CultureInfo.InvariantCulture, $"UID {message.Uid}"));
                break;
            case "FLAGS":
                response.Add($"FLAGS ({string.Join(' ', message.Flags)})");
                break;
            case "INTERNALDATE":
                var date = message.InternalDate;
                response.Add(string.Create(
                    CultureInfo.InvariantCulture, $"INTERNALDATE \"{date:dd-MMM-yyyy HH:mm:ss} {(date.Offset < TimeSpan.Zero ? '-' : '+')}{date.Offset:hhmm}\""));
                break;
            case "RFC822.SIZE":
                response.Add(string.Create(CultureInfo.InvariantCulture, $"RFC822.SIZE {message.Raw.Length}"));
                break;
            case "ENVELOPE":
                response.Add("ENVELOPE ").Add(message.Content.Envelope);
                break;
            case "BODYSTRUCTURE":
                response.Add("BODYSTRUCTURE ").Add(message.Content.Structure);
                break;
            case "BODY" when Section is null:
                response.Add("BODY ").Add(message.Content.Body);
                break;
            case "BODY":
                var offset = Partial is { } partial ? string.Create(CultureInfo.InvariantCulture, $"<{partial.Offset}>") : "";
                WriteBytes(response.Add($"BODY[{Section}]{offset} "), Protocol.Section.Of(message.Content, Section));
                break;
            case "RFC822" or "RFC822.HEADER" or "RFC822.TEXT":
                WriteBytes(response.Add($"{Name} "), Protocol.Section.Of(message.Content, Name == "RFC822" ? "" : Name[7..]));
                break;
        }
    }

    private void WriteBytes(Response response, byte[]? bytes)
    {
        if (bytes is null)
        {
            response.Add("NIL");
            return;
        }

        var (offset, length) = Partial ?? (0, bytes.Length);
        var from = (int)Math.Min(offset, bytes.Length);
        response.Literal(bytes.AsSpan(from, (int)Math.Min(length, bytes.Length - from)));
    }

    private static FetchItem Parse(string word)
    {
        var name = word.ToUpperInvariant();
        if (name is "UID" or "FLAGS" or "INTERNALDATE" or "RFC822.SIZE" or "ENVELOPE" or "BODYSTRUCTURE" or "BODY" or "RFC822.HEADER")
            return new FetchItem(name);
        if (name is "RFC822" or "RFC822.TEXT")
            return new FetchItem(name, Peek: false);
        var open = word.IndexOf('[', StringComparison.Ordinal);
        var close = word.LastIndexOf(']');
        if (open < 0 || close < open || name[..open] is not ("BODY" or "BODY.PEEK"))
            throw new BadCommandException($"There is nothing like '{word}' to fetch");
        return new FetchItem("BODY", word[(open + 1)..close], name[..open] == "BODY.PEEK", PartialOf(word[(close + 1)..]));
    }

    private static (long, long)? PartialOf(string text)
    {
        if (text.Length == 0)
            return null;
        if (text is not ['<', .., '>'] || text[1..^1].Split('.') is not [var offset, var length])
            throw new BadCommandException($"'{text}' is not a part of a section");
        return (CommandText.Number(offset), CommandText.Number(length));
    }
}
