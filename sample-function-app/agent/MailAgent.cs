using ImapTrigger;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Agent;

/// <summary>Hands mail of allowed and verified senders to a program, and sends them what it says.</summary>
public sealed class MailAgent(Mailbox mailbox, Answering answering, IConfiguration configuration, ILogger<MailAgent> log)
{
    [FunctionName("Agent")]
    public async Task OnMail([ImapIdleTrigger(Filter = "is:normal verified:yes", OnSuccess = "seen")] ImapEvent mail, CancellationToken cancellationToken)
    {
        if (Guard.WhyNot(mail, configuration.GetSection("Agent:senders").Get<string[]>() ?? []) is { } why)
        {
            // No answer, not even a refusal: it would tell a stranger that somebody listens.
            log.LogWarning("Message {Uid} is left alone: {Why}.", mail.Uid, why);
            return;
        }

        if (await mailbox.ReadTextAsync(mail, cancellationToken) is not { } text)
            return;
        var answer = await answering.AskAsync(mail, text, cancellationToken);
        await mailbox.AnswerAsync(mail, answer, cancellationToken);
        log.LogInformation("Message {Uid} is answered.", mail.Uid);
    }
}
