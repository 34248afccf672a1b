using ImapTrigger.Worker;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Isolated;

/// <summary>This is all that a user writes.</summary>
public sealed class MailFunctions(ILogger<MailFunctions> log)
{
    [Function("OnMail")]
    public void OnMail([ImapIdleTrigger("INBOX", Connection = "Imap")] ImapEvent mail) =>
        log.LogInformation("UID {Uid}: \"{Subject}\" from {From}", mail.Uid, mail.Subject, mail.From is [var author, ..] ? author.Address : "nobody");
}
