using MailKit;
using MimeKit;

namespace ImapTrigger.Imap;

/// <summary>
/// Whether the server's reading of a header, or MailKit's of it, is to be believed. Doubting wrongly costs one more FETCH; so what merely looks
/// like a placeholder counts as one.
/// </summary>
internal static class EnvelopeDoubt
{
    public static bool IsDoubtful(Envelope envelope, FetchNote note) =>
        note.Garbled
        || (note.Addresses is { } sent && sent != Count(envelope.From) + Count(envelope.To) + Count(envelope.Cc) + Count(envelope.ReplyTo) + Count(envelope.Sender) + Count(envelope.Bcc))
        || HasPlaceholder(envelope.From) || HasPlaceholder(envelope.To) || HasPlaceholder(envelope.Cc) || HasPlaceholder(envelope.ReplyTo);

    /// <summary>
    /// What servers write where they find no address: MISSING_MAILBOX@MISSING_DOMAIN (Dovecot), INVALID_ADDRESS@.SYNTAX-ERROR. and .MISSING-HOST-NAME.
    /// (UW, Exchange), unspecified-domain (Cyrus), nothing at all.
    /// </summary>
    public static bool IsPlaceholder(InternetAddress address)
    {
        if (address is GroupAddress group)
            return HasPlaceholder(group.Members);
        if (address is not MailboxAddress { Address: { } text } || text.LastIndexOf('@') is var at && at <= 0)
            return true;
        var domain = text.AsSpan(at + 1);
        return IsShouted(text.AsSpan(0, at)) || domain is "" or ['.', ..] or [.., '.'] || domain.Contains('_') || domain.Equals("unspecified-domain", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>How a list without readers is named: "undisclosed-recipients:;" is a group without members, but many write it without the marks of a group.</summary>
    public static bool IsNobody(string address) => address.StartsWith("undisclosed", StringComparison.OrdinalIgnoreCase) && !address.Contains('@', StringComparison.Ordinal);

    public static void RemovePlaceholders(Envelope envelope)
    {
        foreach (var list in Told(envelope))
        {
            foreach (var placeholder in list.Where(IsPlaceholder).ToArray())
                list.Remove(placeholder);
        }
    }

    private static bool IsShouted(ReadOnlySpan<char> mailbox) => mailbox.Contains('_') && mailbox.IndexOfAnyExceptInRange('A', '_') < 0;

    // By index, for these are asked of every message: an enumerator for each list would be as much garbage as the event itself.
    private static bool HasPlaceholder(InternetAddressList list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (IsPlaceholder(list[i]))
                return true;
        }

        return false;
    }

    /// <summary>As the protocol sends it: a group is opened and closed by addresses of their own (RFC 9051, 7.5.2).</summary>
    private static int Count(InternetAddressList list)
    {
        var count = list.Count;
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is GroupAddress group)
                count += 1 + Count(group.Members);
        }

        return count;
    }

    /// <summary>Those that an event has.</summary>
    private static InternetAddressList[] Told(Envelope envelope) => [envelope.From, envelope.To, envelope.Cc, envelope.ReplyTo];
}
