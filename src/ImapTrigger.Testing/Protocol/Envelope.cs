using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace ImapTrigger.Testing.Protocol;

/// <summary>ENVELOPE (RFC 9051, 7.5.2): the headers as they came, addresses taken apart.</summary>
internal static class Envelope
{
    public static byte[] Of(HeaderList headers)
    {
        var from = Addresses(headers, HeaderId.From);
        var response = new Response().Add("(")
            .NString(Unfolded(headers, HeaderId.Date)).Add(" ")
            .NString(Unfolded(headers, HeaderId.Subject)).Add(" ")
            .Add(from).Add(" ");
        // A message without them was sent by, and is answered to, its author (RFC 9051, 7.5.2).
        Add(HeaderId.Sender, from);
        Add(HeaderId.ReplyTo, from);
        Add(HeaderId.To, null);
        Add(HeaderId.Cc, null);
        Add(HeaderId.Bcc, null);
        return response.NString(Unfolded(headers, HeaderId.InReplyTo)).Add(" ").NString(Unfolded(headers, HeaderId.MessageId)).Add(")").Bytes.ToArray();

        void Add(HeaderId id, byte[]? otherwise) => response.Add(headers.Contains(id) || otherwise is null ? Addresses(headers, id) : otherwise).Add(" ");
    }

    private static byte[]? Unfolded(HeaderList headers, HeaderId id) =>
        headers.FirstOrDefault(header => header.Id == id) is { } header ? header.RawValue.Where(b => b is not ((byte)'\r' or (byte)'\n')).ToArray().AsSpan().Trim((byte)' ').ToArray() : null;

    private static byte[] Addresses(HeaderList headers, HeaderId id)
    {
        var response = new Response();
        foreach (var header in headers.Where(header => header.Id == id))
        {
            if (!InternetAddressList.TryParse(header.RawValue, out var list))
                continue;
            foreach (var address in list)
                Write(response, address);
        }

        return response.Length == 0 ? "NIL"u8.ToArray() : new Response().Add("(").Add(response.Bytes.Span).Add(")").Bytes.ToArray();
    }

    private static void Write(Response response, InternetAddress address)
    {
        switch (address)
        {
            case MailboxAddress mailbox:
                var at = mailbox.Address.LastIndexOf('@');
                response.Add("(").NString(Name(mailbox.Name)).Add(" NIL ")
                    .NString(at < 0 ? mailbox.Address : Unquoted(mailbox.Address[..at])).Add(" ")
                    .NString(at < 0 ? "" : mailbox.Address[(at + 1)..]).Add(")");
                break;
            case GroupAddress group:
                // A group is opened and closed by addresses without a host.
                response.Add("(NIL NIL ").NString(group.Name ?? "").Add(" NIL)");
                foreach (var member in group.Members)
                    Write(response, member);
                response.Add("(NIL NIL NIL NIL)");
                break;
        }
    }

    // The quotation marks of RFC 5322 are no part of the name (RFC 9051, 7.5.2: "after removing RFC 5322 quoting").
    private static string Unquoted(string mailbox) => mailbox is ['"', .., '"'] ? MimeUtils.Unquote(mailbox) : mailbox;

    private static byte[]? Name(string? name) => string.IsNullOrEmpty(name) ? null : name.All(char.IsAscii) ? Encoding.ASCII.GetBytes(name) : Rfc2047.EncodePhrase(Encoding.UTF8, name);
}
