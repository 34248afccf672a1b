using ImapTrigger.Imap.Guards;
using MailKit;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>Envelopes made of the headers' bytes, whatever the sender wrote into them.</summary>
internal static class RawHeaders
{
    private const string Addresses = "HEADER.FIELDS (FROM TO CC REPLY-TO DATE MESSAGE-ID IN-REPLY-TO)";
    private const string Subject = "HEADER.FIELDS (SUBJECT)";
    private const string Whole = "HEADER";
    private const int MaxAddresses = 64 * 1024;
    private const int MaxSubject = 16 * 1024;
    private const int MaxWhole = 128 * 1024;
    private const int MaxFields = 64 * 1024;

    private static readonly HeaderId[] Wanted =
        [HeaderId.From, HeaderId.To, HeaderId.Cc, HeaderId.ReplyTo, HeaderId.Date, HeaderId.MessageId, HeaderId.InReplyTo, HeaderId.Subject];

    /// <summary>One message's, each kind of header fetched up to a limit; null when the server does not give it.</summary>
    public static async Task<Envelope?> FetchAsync(IMailFolder folder, UniqueId uid, CancellationToken cancellationToken)
    {
        // The subject by itself: behind a thousand recipients it would be cut off.
        var addresses = await ReadAsync(folder, uid, Addresses, MaxAddresses, cancellationToken);
        var subject = addresses is null ? null : await ReadAsync(folder, uid, Subject, MaxSubject, cancellationToken);
        if (addresses is not null && subject is not null)
            return EnvelopeOf(addresses, subject);
        // MailKit knows an answer by its name, and some servers write the names of the fields their own way.
        return await ReadAsync(folder, uid, Whole, MaxWhole, cancellationToken) is { } whole ? EnvelopeOf(whole, whole) : null;
    }

    /// <summary>Those of several messages, by one command. For small messages: nothing is cut.</summary>
    public static async Task<IReadOnlyDictionary<uint, Envelope>> FetchAsync(IMailFolder folder, IList<UniqueId> uids, CancellationToken cancellationToken)
    {
        var answers = await folder.FetchAsync(uids, new FetchRequest(MessageSummaryItems.UniqueId, Wanted), cancellationToken);
        var envelopes = new Dictionary<uint, Envelope>();
        foreach (var answer in answers)
        {
            if (answer is not { UniqueId.IsValid: true, Headers: { } headers })
                continue;
            using var bytes = new MemoryStream();
            await headers.WriteToAsync(bytes, cancellationToken);
            bytes.Position = 0;
            var header = Parse(bytes);
            envelopes[answer.UniqueId.Id] = EnvelopeOf(header, header);
        }

        return envelopes;
    }

    /// <summary>Some fields of one message's header, in its order; null when the server does not give them, or not all of them.</summary>
    public static async Task<IReadOnlyList<HeaderField>?> FetchFieldsAsync(IMailFolder folder, UniqueId uid, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var fields = await WholeAsync($"HEADER.FIELDS ({string.Join(' ', names).ToUpperInvariant()})", MaxFields) ?? await WholeAsync(Whole, MaxWhole);
        return fields?.Where(field => names.Contains(field.Name, StringComparer.OrdinalIgnoreCase)).ToArray();

        async Task<IReadOnlyList<HeaderField>?> WholeAsync(string section, int limit)
        {
            try
            {
                await using var stream = await folder.GetStreamAsync(uid, section, 0, limit, cancellationToken);
                return stream.Length < limit ? FieldsOf(Parse(stream).Headers) : null;
            }
            catch (MessageNotFoundException)
            {
                return null;
            }
        }
    }

    public static IReadOnlyList<HeaderField> FieldsOf(HeaderList headers) => [.. headers.Select(header => new HeaderField(header.Field, header.RawValue))];

    private static Envelope EnvelopeOf(MimeMessage message, MimeMessage subject)
    {
        var envelope = new Envelope
        {
            Date = message.Date,
            MessageId = message.MessageId,
            InReplyTo = message.InReplyTo,
            Subject = subject.Subject,
        };
        envelope.From.AddRange(message.From);
        envelope.To.AddRange(message.To);
        envelope.Cc.AddRange(message.Cc);
        // As ENVELOPE has it (RFC 9051, 7.5.2).
        envelope.ReplyTo.AddRange(message.Headers.Contains(HeaderId.ReplyTo) ? message.ReplyTo : message.From);
        return envelope;
    }

    private static async Task<MimeMessage?> ReadAsync(IMailFolder folder, UniqueId uid, string section, int limit, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await folder.GetStreamAsync(uid, section, 0, limit, cancellationToken);
            return Parse(stream);
        }
        catch (MessageNotFoundException)
        {
            return null;
        }
    }

    private static MimeMessage Parse(Stream header)
    {
        try
        {
            return MimeMessage.Load(header);
        }
        catch (FormatException)
        {
            // Nothing that resembles a header. A new message has headers of its own: today's date, a Message-ID.
            var empty = new MimeMessage();
            empty.Headers.Clear();
            return empty;
        }
    }
}
