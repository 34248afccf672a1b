using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace ImapTrigger.Worker;

/// <summary>
/// Runs the function for every message that arrives in an IMAP folder, at least once and begun in order of UID. The parameter may be
/// <see cref="ImapEvent"/>, <see cref="string"/> (the event as JSON), a class filled from that JSON, or <c>byte[]</c>: the whole message, raw (RFC 5322).
/// </summary>
/// <param name="folder">The folder to watch; <c>%NAME%</c> takes an app setting. <c>INBOX</c> by default.</param>
[AttributeUsage(AttributeTargets.Parameter)]
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
public sealed class ImapIdleTriggerAttribute(string folder = "INBOX") : TriggerBindingAttribute
{
    /// <summary>The folder to watch, by its full name on the server, such as <c>INBOX</c> or <c>Archive/2026</c>.</summary>
    public string Folder { get; } = folder;

    /// <summary>The name of the app settings that say where the account lives, or of a set of mailboxes (a list in these settings, or a blob that they name). <c>Imap</c> by default.</summary>
    public string Connection { get; set; } = "Imap";

    /// <summary>
    /// What to do to a message when the function has succeeded: <c>none</c> (the default), <c>seen</c>, <c>keyword:Name</c>,
    /// <c>move:Folder</c>, <c>copy:Folder</c> or <c>delete</c>.
    /// </summary>
    public string OnSuccess { get; set; } = "none";

    /// <summary>What to do to a message that is put aside after its last attempt; the same words. <c>none</c> by default.</summary>
    public string OnPoison { get; set; } = "none";

    /// <summary>
    /// Which messages the function is called with, in the words of mail programs: <c>from:billing@contoso.com has:attachment -is:auto</c>. Null, the default, lets every
    /// message pass.
    /// </summary>
    public string? Filter { get; set; }

    /// <summary>Names of header fields, with commas between, that <see cref="ImapEvent.Headers"/> then holds; at most 20. Null, the default, for none.</summary>
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
    public string OnInvalidVerdict { get; set; } = "fail";

    /// <summary>
    /// With which messages a mailbox begins that has no cursor yet: <c>now</c> (the default), what comes from then on; <c>unseen</c>, what is there and has not been read when its turn
    /// comes; <c>all</c>; what came within a time before (<c>7.00:00:00</c>), or since a date (<c>2026-11-01</c>, UTC). <c>%NAME%</c> takes an app setting.
    /// </summary>
    public string Start { get; set; } = "now";

    /// <summary>
    /// The name under which the function keeps its cursors; its own name by default. Set it to the former name when the function is renamed, or to a new one
    /// to begin with mail from now on. <c>%NAME%</c> takes an app setting.
    /// </summary>
    public string? StateName { get; set; }
}
