using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.WebJobs.Hosting;

namespace ImapTrigger.Hosting;

/// <summary>The settings of host.json, section <c>extensions</c> / <c>imapIdle</c>. They hold for all IMAP functions of the app.</summary>
public sealed class ImapIdleOptions : IOptionsFormatter
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>After how long IDLE is ended, the mailbox checked by UID, and IDLE begun again. 9 minutes by default; 10 seconds to 20 minutes.</summary>
    public TimeSpan IdleRenewal { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>How often a server that does not offer IDLE is asked for new mail. 1 minute by default; 1 second to 1 hour.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How many calls of a function may run at once per mailbox. 1 by default: a call begins when the one before has ended, in order of UID;
    /// more begins them in that order and lets them overlap. 1 to 1,000.
    /// </summary>
    public int MaxConcurrentCalls { get; set; } = 1;

    /// <summary>
    /// After how many failed attempts a message is put aside (poisoned), so that the rest flows on. 5 by default; 1 to 100. Between attempts
    /// there are pauses of 5 seconds, then more, up to 10 minutes. What the host's own retry policy does counts as one attempt.
    /// </summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>What to do when a server numbers a folder's messages anew; <see cref="UidValidityPolicy.Continue"/> by default.</summary>
    public UidValidityPolicy OnUidValidityChange { get; set; }

    /// <summary>
    /// How often progress is written at most. 1 second by default; 0.1 to 60 seconds. What was finished within one interval before a crash is
    /// delivered again; every write is one storage transaction.
    /// </summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long calls that do not end may go on after the host has given up waiting for them at a stop, or after ownership was lost. Then they are abandoned and the mailboxes
    /// go to another instance. 30 seconds by default; 0 to 10 minutes.
    /// </summary>
    public TimeSpan StopGracePeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many mailboxes of a function one instance shall watch, as the scaler votes. 200 by default; 1 to 10,000. It is no limit.</summary>
    public int MailboxesPerInstance { get; set; } = 200;

    /// <summary>The blob container that holds leases and cursors. <c>imap-trigger</c> by default.</summary>
    public string Container { get; set; } = "imap-trigger";

    /// <summary>
    /// The name under which this app keeps its state; instances with the same name share the work. By default the site's name in Azure,
    /// the host id in other Functions hosts, the program's name elsewhere.
    /// </summary>
    public string? StateName { get; set; }

    /// <summary>Where state lies when no storage is configured; by default <c>ImapTrigger</c> in the user's local application data.</summary>
    public string? LocalStatePath { get; set; }

    /// <summary>Which of them host.json has set, for the words of the validation.</summary>
    internal HostJson HostJson { get; } = new();

    /// <summary>The settings as the host logs them at start. There is no secret among them: those are app settings.</summary>
    string IOptionsFormatter.Format() => JsonSerializer.Serialize(this, Readable);
}
