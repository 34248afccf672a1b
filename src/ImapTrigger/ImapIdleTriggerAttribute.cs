using Microsoft.Azure.WebJobs.Description;

namespace ImapTrigger;

/// <summary>
/// Runs the function for every message that arrives in an IMAP folder, at least once and begun in order of UID.
/// The parameter may be <see cref="ImapEvent"/>, <see cref="string"/> (the event as JSON), a class filled from that JSON, or the whole message, fetched
/// when the function is called: <see cref="MimeKit.MimeMessage"/>, or raw (RFC 5322) as <c>byte[]</c>, <see cref="Stream"/> or <see cref="BinaryData"/>.
/// </summary>
/// <param name="folder">The folder to watch; <c>%NAME%</c> takes an app setting. <c>INBOX</c> by default.</param>
[AttributeUsage(AttributeTargets.Parameter)]
// Obsolete for a redesign that has not come; without it the host refuses functions that return something.
#pragma warning disable CS0618
[Binding(TriggerHandlesReturnValue = true)]
#pragma warning restore CS0618
public sealed class ImapIdleTriggerAttribute(string folder = "INBOX") : Attribute
{
    /// <summary>The folder to watch, by its full name on the server, such as <c>INBOX</c> or <c>Archive/2026</c>.</summary>
    [AutoResolve]
    public string Folder { get; } = folder;

    /// <summary>
    /// The name of the app settings that say where the account lives: either a section (<c>Imap__host</c>, <c>Imap__userName</c>,
    /// <c>Imap__password</c>, ...) or one value, a URL by RFC 5092 (<c>imaps://user:secret@host:993</c>). Or that of a set of mailboxes: a list in the section,
    /// a blob that it names, or an <see cref="IImapMailboxSource"/> in the app's services. <c>Imap</c> by default.
    /// </summary>
    public string Connection { get; set; } = "Imap";

    /// <summary>
    /// What to do to a message when the function has succeeded: <c>none</c> (the default), <c>seen</c>, <c>keyword:Name</c>,
    /// <c>move:Folder</c>, <c>copy:Folder</c> or <c>delete</c>. It is part of the delivery: if it cannot be done now, it is done later, without a call.
    /// </summary>
    [AutoResolve]
    public string OnSuccess { get; set; } = "none";

    /// <summary>What to do to a message that is put aside after its last attempt; the same words as <see cref="OnSuccess"/>. <c>none</c> by default.</summary>
    [AutoResolve]
    public string OnPoison { get; set; } = "none";

    /// <summary>
    /// Which messages the function is called with, in the words of mail programs: <c>from:billing@contoso.com has:attachment -is:auto</c>. Decided here, on the metadata;
    /// what does not pass is settled without a call, and nothing is done to it. At most 1,000 characters and 64 conditions; a mistake ends the start. Null, the default,
    /// lets every message pass.
    /// </summary>
    [AutoResolve]
    public string? Filter { get; set; }

    /// <summary>
    /// Names of header fields, with commas between, such as <c>X-Priority, X-Spam-Status</c>, that <see cref="ImapEvent.Headers"/> then holds; at most 20. Null, the
    /// default, for none.
    /// </summary>
    [AutoResolve]
    public string? Headers { get; set; }

    /// <summary>
    /// Whether the function's return value says what is to become of the message: a <see cref="MailVerdict"/>, or its text or object in the grammar of docs/verdicts.md. Where it says
    /// nothing (null, no value), <see cref="OnSuccess"/> holds. False by default: what a function returns may be meant for an output of its own.
    /// </summary>
    public bool Verdicts { get; set; }

    /// <summary>
    /// With <see cref="Verdicts"/>, what a returned value is that is no verdict: <c>fail</c> (the default), a failed attempt; or <c>ignore</c>: it is told, and
    /// <see cref="OnSuccess"/> holds.
    /// </summary>
    [AutoResolve]
    public string OnInvalidVerdict { get; set; } = "fail";

    /// <summary>
    /// With which messages a mailbox begins that has no cursor yet: <c>now</c> (the default), what comes from then on; <c>unseen</c>, what is there and has not been read when its turn
    /// comes; <c>all</c>; what came within a time before (<c>7.00:00:00</c>), or since a date (<c>2026-11-01</c>, UTC). <c>%NAME%</c> takes an app setting.
    /// </summary>
    [AutoResolve]
    public string Start { get; set; } = "now";

    /// <summary>
    /// The name under which the function keeps its cursors, as a consumer group has one; its own name by default. Set it to the former name when the function
    /// or its class is renamed; or to a new one to begin with mail from now on. Of instances with the same name one watches a mailbox; two functions of an app
    /// must not have the same. <c>%NAME%</c> takes an app setting.
    /// </summary>
    [AutoResolve]
    public string? StateName { get; set; }
}
