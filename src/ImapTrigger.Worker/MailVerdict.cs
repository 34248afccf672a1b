using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImapTrigger.Worker;

/// <summary>
/// What is to become of a message, as its function says by returning it. It counts where the attribute says <see cref="ImapIdleTriggerAttribute.Verdicts"/>, takes the place of
/// <see cref="ImapIdleTriggerAttribute.OnSuccess"/>, and is carried out once the function has succeeded: by UID, once, also after a crash. The host checks it.
/// </summary>
[JsonConverter(typeof(Converter))]
public sealed class MailVerdict
{
    private readonly string[] _actions;
    private readonly TimeSpan? _delay;
    private readonly bool _counts;
    private readonly bool _poison;
    private readonly string? _reason;

    private MailVerdict(string[] actions, TimeSpan? delay = null, bool counts = false, bool poison = false, string? reason = null) =>
        (_actions, _delay, _counts, _poison, _reason) = (actions, delay, counts, poison, reason);

    /// <summary>Nothing is done to the message, whatever <see cref="ImapIdleTriggerAttribute.OnSuccess"/> says.</summary>
    public static MailVerdict Done { get; } = new([]);

    /// <summary>It is flagged as read (<c>\Seen</c>).</summary>
    public static MailVerdict Seen { get; } = new(["seen"]);

    /// <summary>It is deleted: flagged <c>\Deleted</c> and expunged, that message alone.</summary>
    public static MailVerdict Delete { get; } = new(["delete"]);

    /// <summary>A keyword is set (RFC 9051, 2.3.2).</summary>
    /// <param name="name">Letters, digits and <c>$ - _ .</c></param>
    /// <returns>The verdict.</returns>
    public static MailVerdict Keyword(string name) => Of("keyword", name);

    /// <summary>It is moved to another folder of the account. A move into the watched folder is refused.</summary>
    /// <param name="folder">The folder's full name on the server.</param>
    /// <returns>The verdict.</returns>
    public static MailVerdict Move(string folder) => Of("move", folder);

    /// <summary>It is copied to another folder of the account, and stays.</summary>
    /// <param name="folder">The folder's full name on the server.</param>
    /// <returns>The verdict.</returns>
    public static MailVerdict Copy(string folder) => Of("copy", folder);

    /// <summary>It is delivered again later. That is on record, survives a restart, takes no call slot, and holds up no other message; it stands alone.</summary>
    /// <param name="delay">After how long: 1 second to 30 days.</param>
    /// <param name="reason">Why, for the log; at most 1,000 characters.</param>
    /// <param name="countsAsAttempt">Whether it counts as a failed attempt, so that the last one puts the message aside.</param>
    /// <returns>The verdict.</returns>
    public static MailVerdict RetryAfter(TimeSpan delay, string? reason = null, bool countsAsAttempt = false) => new([], delay, countsAsAttempt, reason: reason);

    /// <summary>It is put aside now, whole, as after its last attempt; it stands alone.</summary>
    /// <param name="reason">Why, for who looks at it; at most 1,000 characters.</param>
    /// <returns>The verdict.</returns>
    public static MailVerdict Poison(string? reason = null) => new([], poison: true, reason: reason);

    /// <summary>This and another: done in the order in which they are named, but a move or a deletion comes last.</summary>
    /// <param name="other">What is done, too.</param>
    /// <returns>Both in one.</returns>
    /// <exception cref="InvalidOperationException">One of them stands alone.</exception>
    public MailVerdict And(MailVerdict other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _poison || other._poison || _delay is not null || other._delay is not null
            ? throw new InvalidOperationException("retryAfter and poison stand alone")
            : new MailVerdict([.. _actions, .. other._actions]);
    }

    private static MailVerdict Of(string word, string argument)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(argument);
        return new MailVerdict([$"{word}:{argument}"]);
    }

    /// <summary>Always the object: the host hands a text over as what its JSON holds, and that only by luck.</summary>
    private sealed class Converter : JsonConverter<MailVerdict>
    {
        public override MailVerdict Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A verdict is only returned.");

        public override void Write(Utf8JsonWriter writer, MailVerdict value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            if (value._delay is { } delay)
            {
                writer.WriteString("retryAfter", delay.ToString("c", CultureInfo.InvariantCulture));
                writer.WriteBoolean("counts", value._counts);
                if (value._reason is not null)
                    writer.WriteString("reason", value._reason);
            }
            else if (value._poison)
            {
                writer.WriteString("poison", value._reason ?? "");
            }
            else
            {
                writer.WriteStartArray("actions");
                foreach (var action in value._actions)
                    writer.WriteStringValue(action);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }
    }
}
