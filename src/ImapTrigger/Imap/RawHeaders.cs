using MailKit;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>An envelope made of the headers' bytes, each kind fetched up to a limit, whatever the sender wrote into them.</summary>
internal static class RawHeaders
{
    private const string Addresses = "HEADER.FIELDS (FROM TO CC REPLY-TO DATE MESSAGE-ID IN-REPLY-TO)";
    private const string Subject = "HEADER.FIELDS (SUBJECT)";
    private const int MaxAddresses = 64 * 1024;
    private const int MaxSubject = 16 * 1024;

    public static async Task<Envelope> FetchAsync(IMailFolder folder, UniqueId uid, CancellationToken cancellationToken)
    {
        using var message = await ReadAsync(folder, uid, Addresses, MaxAddresses, cancellationToken);
        using var subject = await ReadAsync(folder, uid, Subject, MaxSubject, cancellationToken);
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
        envelope.ReplyTo.AddRange(message.ReplyTo);
        return envelope;
    }

    private static async Task<MimeMessage> ReadAsync(IMailFolder folder, UniqueId uid, string section, int limit, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await folder.GetStreamAsync(uid, section, 0, limit, cancellationToken);
            return await MimeMessage.LoadAsync(stream, cancellationToken);
        }
        catch (Exception e) when (e is FormatException or MessageNotFoundException)
        {
            // Nothing that resembles a header. A new message has headers of its own: today's date, a Message-ID.
            var empty = new MimeMessage();
            empty.Headers.Clear();
            return empty;
        }
    }
}
