using ImapTrigger;
using ImapTrigger.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;

namespace Agent;

/// <summary>Reads a message that has passed the guard, and answers it.</summary>
public sealed class Mailbox(IConfiguration configuration)
{
    private const int MaxText = 64 * 1024;

    private ImapAccount Account => new()
    {
        Host = configuration["Imap:host"]!,
        Port = configuration.GetValue<int?>("Imap:port"),
        Security = configuration.GetValue("Imap:security", ImapSecurity.Auto),
        UserName = configuration["Imap:userName"]!,
        Password = configuration["Imap:password"],
    };

    /// <summary>Its text, cut; null when it is gone.</summary>
    public async Task<string?> ReadTextAsync(ImapEvent mail, CancellationToken cancellationToken)
    {
        await using var session = await ImapSession.ConnectAsync(Account, cancellationToken);
        await session.SelectAsync(mail.Folder, cancellationToken);
        if (session.Folder?.UidValidity != mail.UidValidity || await session.ReadMessageAsync(mail.Uid, cancellationToken) is not { } message)
            return null;
        var text = message.TextBody ?? "";
        return text.Length > MaxText ? text[..MaxText] : text;
    }

    /// <summary>To the author, who is verified, and to nobody else: neither Reply-To nor Cc is.</summary>
    public async Task AnswerAsync(ImapEvent mail, string text, CancellationToken cancellationToken)
    {
        var answer = new MimeMessage { Subject = $"Re: {mail.Subject}", Body = new TextPart("plain") { Text = text } };
        answer.From.Add(MailboxAddress.Parse(mail.Account));
        answer.To.Add(MailboxAddress.Parse(mail.From[0].Address));
        // The same at each attempt, so that one that comes twice is one to most mail programs.
        answer.MessageId = $"answer-{mail.UidValidity}-{mail.Uid}@{mail.Account.Split('@')[^1]}";
        answer.Headers.Add("Auto-Submitted", "auto-replied");
        if (mail.MessageId is { } id)
        {
            answer.InReplyTo = id;
            answer.References.AddRange([.. mail.References, id]);
        }

        using var smtp = new SmtpClient();
        await smtp.ConnectAsync(configuration["Smtp:host"], configuration.GetValue("Smtp:port", 465), configuration.GetValue("Smtp:security", SecureSocketOptions.Auto), cancellationToken);
        if (configuration["Smtp:password"] is { Length: > 0 } password)
            await smtp.AuthenticateAsync(configuration["Imap:userName"], password, cancellationToken);
        await smtp.SendAsync(answer, cancellationToken);
        await smtp.DisconnectAsync(quit: true, cancellationToken);
    }
}
