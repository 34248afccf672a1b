using MimeKit;

namespace ImapTrigger.Testing.Protocol;

/// <summary>A part of a message, as BODY[...] names it (RFC 9051, 6.4.5): <c>HEADER</c>, <c>TEXT</c>, <c>1.2.MIME</c>, <c>HEADER.FIELDS (SUBJECT)</c>, ...</summary>
internal static class Section
{
    /// <summary>Its bytes; null when the message has no such part.</summary>
    public static byte[]? Of(MessageContent content, string section)
    {
        if (section.Length == 0)
            return content.Raw;
        var (path, what) = Split(section);
        if (path.Count == 0)
            return OfMessage(content.Raw, what);

        if (Find(content.Message.Body, path) is not { } entity)
            return null;
        return what switch
        {
            "" => Bytes(entity, contentOnly: true),
            "MIME" => HeaderOf(Bytes(entity, contentOnly: false)),
            _ => entity is MessagePart { Message: { } inner } ? OfMessage(Bytes(inner), what) : null,
        };
    }

    private static byte[]? OfMessage(byte[] raw, string what)
    {
        if (what == "HEADER")
            return HeaderOf(raw);
        if (what == "TEXT")
            return raw[HeaderOf(raw).Length..];
        if (what.StartsWith("HEADER.FIELDS", StringComparison.Ordinal) && what.IndexOf('(', StringComparison.Ordinal) is > 0 and var open)
        {
            var names = what[(open + 1)..].TrimEnd(')').Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('"')).ToHashSet(StringComparer.OrdinalIgnoreCase);
            return Fields(HeaderOf(raw), names, except: what.StartsWith("HEADER.FIELDS.NOT", StringComparison.Ordinal));
        }

        throw new BadCommandException($"There is no section '{what}'");
    }

    private static (List<int> Path, string What) Split(string section)
    {
        var path = new List<int>();
        var rest = section.ToUpperInvariant();
        while (rest.Length > 0 && char.IsAsciiDigit(rest[0]))
        {
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            path.Add((int)CommandText.Number(dot < 0 ? rest : rest[..dot]));
            rest = dot < 0 ? "" : rest[(dot + 1)..];
        }

        return (path, rest);
    }

    private static MimeEntity? Find(MimeEntity? entity, List<int> path)
    {
        foreach (var number in path)
        {
            if (entity is MessagePart rfc822)
                entity = rfc822.Message?.Body;
            if (entity is Multipart multipart)
                entity = number >= 1 && number <= multipart.Count ? multipart[number - 1] : null;
            else if (number != 1)
                return null;
        }

        return entity;
    }

    /// <summary>Through the empty line that ends it.</summary>
    private static byte[] HeaderOf(byte[] raw)
    {
        for (var start = 0; start < raw.Length;)
        {
            var end = Array.IndexOf(raw, (byte)'\n', start);
            if (end < 0)
                break;
            if (end == start || (end == start + 1 && raw[start] == '\r'))
                return raw[..(end + 1)];
            start = end + 1;
        }

        return raw;
    }

    private static byte[] Fields(byte[] header, HashSet<string> names, bool except)
    {
        var response = new Response();
        var taken = false;
        for (var start = 0; start < header.Length;)
        {
            var end = Array.IndexOf(header, (byte)'\n', start);
            end = end < 0 ? header.Length : end + 1;
            var line = header.AsSpan(start, end - start);
            if (line[0] is not ((byte)' ' or (byte)'\t'))
            {
                var colon = line.IndexOf((byte)':');
                var name = colon < 0 ? "" : System.Text.Encoding.Latin1.GetString(line[..colon]).Trim();
                taken = colon >= 0 && names.Contains(name) != except;
            }

            if (taken)
                response.Add(line);
            start = end;
        }

        return response.Add("\r\n").Bytes.ToArray();
    }

    private static byte[] Bytes(MimeEntity entity, bool contentOnly)
    {
        using var bytes = new MemoryStream();
        if (contentOnly && entity is MimePart { Content.Stream: { } content })
        {
            // As it came, still encoded.
            content.Position = 0;
            content.CopyTo(bytes);
        }
        else
        {
            entity.WriteTo(bytes, contentOnly);
        }

        return bytes.ToArray();
    }

    private static byte[] Bytes(MimeMessage message)
    {
        using var bytes = new MemoryStream();
        message.WriteTo(bytes);
        return bytes.ToArray();
    }
}
