using System.Globalization;
using ImapTrigger;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Logging;

namespace SampleFunctionApp;

/// <summary>This is all that a user writes.</summary>
public sealed class MailFunctions(Tally tally)
{
    [FunctionName("OnMail")]
    public void OnMail([ImapIdleTrigger("INBOX", Connection = "Imap")] ImapEvent mail, ILogger log)
    {
        tally.Add(mail);
        var attachments = string.Join(", ", mail.Attachments.Select(attachment => attachment.Name ?? attachment.ContentType));
        log.LogInformation(
            "UID {Uid}: \"{Subject}\" from {From}, {Size} bytes{Attachments}{Again}",
            mail.Uid,
            mail.Subject,
            mail.From is [var author, ..] ? author.Address : "nobody",
            mail.Size,
            attachments.Length > 0 ? $", with {attachments}" : "",
            mail.Attempt > 1 ? string.Create(CultureInfo.InvariantCulture, $" (attempt {mail.Attempt})") : "");
    }

    [FunctionName("Report")]
    public void Report([TimerTrigger("0 * * * * *")] TimerInfo timer, ILogger log)
    {
        var (messages, bytes) = tally.Take();
        log.LogInformation("The last minute: {Messages} messages, {Bytes} bytes. Next report at {Next}.", messages, bytes, timer.Schedule.GetNextOccurrence(DateTime.Now));
    }
}
