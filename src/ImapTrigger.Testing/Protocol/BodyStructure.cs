using System.Globalization;
using MimeKit;

namespace ImapTrigger.Testing.Protocol;

/// <summary>BODY and BODYSTRUCTURE (RFC 9051, 7.5.2).</summary>
internal static class BodyStructure
{
    public static byte[] Of(MimeEntity? entity, bool extended)
    {
        var response = new Response();
        Write(response, entity, extended);
        return response.Bytes.ToArray();
    }

    private static void Write(Response response, MimeEntity? entity, bool extended)
    {
        response.Add("(");
        switch (entity)
        {
            case Multipart { Count: > 0 } multipart:
                foreach (var part in multipart)
                    Write(response, part, extended);
                response.Add(" ").NString(multipart.ContentType.MediaSubtype);
                if (extended)
                    Parameters(response.Add(" "), multipart.ContentType.Parameters);
                break;
            case MessagePart { Message: { } inner } rfc822:
                Basics(response, rfc822.ContentType, rfc822, Number(Size(inner)));
                response.Add(" ").Add(Envelope.Of(inner.Headers)).Add(" ");
                Write(response, inner.Body, extended);
                response.Add(" ").Add(Number(Lines(inner)));
                if (extended)
                    response.Add(" NIL");
                break;
            case MimePart part:
                Basics(response, part.ContentType, part, Number(part.Content?.Stream?.Length ?? 0));
                if (part.ContentType.IsMimeType("text", "*"))
                    response.Add(" ").Add(Number(Lines(part.Content?.Stream)));
                if (extended)
                    response.Add(" ").NString(part.ContentMd5);
                break;
            default:
                // A multipart without parts, or nothing at all: an empty text, as the RFC knows no other.
                response.Add("\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0");
                if (extended)
                    response.Add(" NIL");
                break;
        }

        if (extended)
        {
            Disposition(response.Add(" "), entity?.ContentDisposition);
            response.Add(" NIL ").NString(entity?.ContentLocation?.ToString());
        }

        response.Add(")");
    }

    private static void Basics(Response response, ContentType type, MimeEntity entity, string size)
    {
        response.NString(type.MediaType).Add(" ").NString(type.MediaSubtype).Add(" ");
        Parameters(response, type.Parameters);
        response.Add(" ").NString(entity.ContentId is { } id ? $"<{id}>" : null)
            .Add(" ").NString(entity.Headers[HeaderId.ContentDescription])
            .Add(" ").NString(entity.Headers[HeaderId.ContentTransferEncoding]?.Trim() ?? "7bit")
            .Add(" ").Add(size);
    }

    private static void Parameters(Response response, ParameterList parameters)
    {
        if (parameters.Count == 0)
        {
            response.Add("NIL");
            return;
        }

        var separator = "(";
        foreach (var parameter in parameters)
        {
            response.Add(separator).NString(parameter.Name).Add(" ").NString(parameter.Value);
            separator = " ";
        }

        response.Add(")");
    }

    private static void Disposition(Response response, ContentDisposition? disposition)
    {
        if (disposition is null)
        {
            response.Add("NIL");
            return;
        }

        Parameters(response.Add("(").NString(disposition.Disposition).Add(" "), disposition.Parameters);
        response.Add(")");
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Size(MimeMessage message)
    {
        using var bytes = new MemoryStream();
        message.WriteTo(bytes);
        return bytes.Length;
    }

    private static long Lines(MimeMessage message)
    {
        using var bytes = new MemoryStream();
        message.WriteTo(bytes);
        return Lines(bytes);
    }

    private static long Lines(Stream? stream)
    {
        if (stream is null)
            return 0;
        stream.Position = 0;
        var buffer = new byte[8192];
        long lines = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }
}
