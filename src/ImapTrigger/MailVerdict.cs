using System.Diagnostics.CodeAnalysis;

namespace ImapTrigger;

/// <summary>
/// What is to become of a message, as its function says by returning it. It counts where the attribute says <see cref="ImapIdleTriggerAttribute.Verdicts"/>, takes the place of
/// <see cref="ImapIdleTriggerAttribute.OnSuccess"/>, and is carried out once the function has succeeded: by UID, once, also after a crash.
/// </summary>
public sealed class MailVerdict
{
    /// <summary>So many actions in one verdict.</summary>
    internal const int MaxActions = 16;

    /// <summary>The longest name of a folder or keyword, and the longest reason.</summary>
    internal const int MaxText = 1000;

    /// <summary>The shortest time after which a message is delivered again.</summary>
    internal static readonly TimeSpan MinDelay = TimeSpan.FromSeconds(1);

    /// <summary>The longest time after which a message is delivered again.</summary>
    internal static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    private MailVerdict(params AfterAction[] actions) => Actions = actions;

    /// <summary>Nothing is done to the message, whatever <see cref="ImapIdleTriggerAttribute.OnSuccess"/> says.</summary>
    public static MailVerdict Done { get; } = new();

    /// <summary>It is flagged as read (<c>\Seen</c>).</summary>
    public static MailVerdict Seen { get; } = new(new AfterAction(AfterActionKind.Seen));

    /// <summary>It is deleted: flagged <c>\Deleted</c> and expunged, that message alone.</summary>
    public static MailVerdict Delete { get; } = new(new AfterAction(AfterActionKind.Delete));

    /// <summary>What is done to the message, in this order.</summary>
    internal IReadOnlyList<AfterAction> Actions { get; }

    /// <summary>After how long it is delivered again; null when it is not.</summary>
    internal TimeSpan? Delay { get; private init; }

    /// <summary>Whether that counts as a failed attempt.</summary>
    internal bool Counts { get; private init; }

    /// <summary>Whether it is put aside.</summary>
    internal bool IsPoison { get; private init; }

    /// <summary>Why, for people.</summary>
    internal string? Reason { get; private init; }

    /// <summary>A keyword is set (RFC 9051, 2.3.2).</summary>
    /// <param name="name">Letters, digits and <c>$ - _ .</c></param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentException">It is no keyword.</exception>
    public static MailVerdict Keyword(string name) => Of($"keyword:{name}", nameof(name));

    /// <summary>It is moved to another folder of the account. A move into the watched folder is refused.</summary>
    /// <param name="folder">The folder's full name on the server.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentException">It is no name of a folder.</exception>
    public static MailVerdict Move(string folder) => Of($"move:{folder}", nameof(folder));

    /// <summary>It is copied to another folder of the account, and stays.</summary>
    /// <param name="folder">The folder's full name on the server.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentException">It is no name of a folder.</exception>
    public static MailVerdict Copy(string folder) => Of($"copy:{folder}", nameof(folder));

    /// <summary>
    /// It is delivered again later. That is on record, survives a restart, takes no call slot, and holds up no other message; it stands alone.
    /// </summary>
    /// <param name="delay">After how long: 1 second to 30 days.</param>
    /// <param name="reason">Why, for the log; at most 1,000 characters.</param>
    /// <param name="countsAsAttempt">Whether it counts as a failed attempt, so that the last one puts the message aside.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentException">The time or the reason is out of its bounds.</exception>
    public static MailVerdict RetryAfter(TimeSpan delay, string? reason = null, bool countsAsAttempt = false)
    {
        if (delay < MinDelay || delay > MaxDelay)
            throw new ArgumentOutOfRangeException(nameof(delay), delay, $"A message is delivered again after {MinDelay} to {MaxDelay}.");
        return new MailVerdict { Delay = delay, Counts = countsAsAttempt, Reason = Checked(reason) };
    }

    /// <summary>It is put aside now, whole, as after its last attempt; it stands alone.</summary>
    /// <param name="reason">Why, for who looks at it; at most 1,000 characters.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentException">The reason is too long.</exception>
    public static MailVerdict Poison(string? reason = null) => new() { IsPoison = true, Reason = Checked(reason) };

    /// <summary>This and another: done in the order in which they are named, but a move or a deletion comes last.</summary>
    /// <param name="other">What is done, too.</param>
    /// <returns>Both in one.</returns>
    /// <exception cref="InvalidOperationException">They contradict each other: two of move and delete, or one that stands alone.</exception>
    public MailVerdict And(MailVerdict other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Of([.. Actions, .. other.Actions], standsAlone: Delay ?? other.Delay, IsPoison || other.IsPoison, out var problem) ?? throw new InvalidOperationException(problem);
    }

    /// <summary>Reads the grammar of docs/verdicts.md: <c>seen; move:Archive</c>, or an object such as <c>{"retryAfter":"00:10:00","reason":"..."}</c>.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="FormatException">It is none of the grammar.</exception>
    public static MailVerdict Parse(string text) => VerdictGrammar.Read(text, out var problem) ?? throw new FormatException(problem);

    /// <summary>The same, without an exception.</summary>
    /// <param name="text">The text.</param>
    /// <param name="verdict">The verdict, or null.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MailVerdict? verdict)
    {
        verdict = text is null ? null : VerdictGrammar.Read(text, out _);
        return verdict is not null;
    }

    /// <summary>The verdict in the grammar that <see cref="Parse"/> reads.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => VerdictGrammar.Write(this);

    /// <summary>The actions as one verdict; null, with the problem, when they contradict each other.</summary>
    internal static MailVerdict? Of(IReadOnlyList<AfterAction> actions, TimeSpan? standsAlone, bool poison, out string? problem)
    {
        problem = standsAlone is not null || poison ? "retryAfter and poison stand alone"
            : actions.Count(action => action.Removes) > 1 ? "a message is moved or deleted only once"
            : actions.Count > MaxActions ? $"there are more than {MaxActions} actions"
            : null;
        return problem is null ? new MailVerdict([.. actions.Where(action => !action.Removes).Distinct(), .. actions.Where(action => action.Removes)]) : null;
    }

    private static MailVerdict Of(string action, string parameter) =>
        VerdictGrammar.ReadAction(action, out var problem) is { } read ? new MailVerdict(read) : throw new ArgumentException(problem, parameter);

    private static string? Checked(string? reason) =>
        reason?.Length > MaxText ? throw new ArgumentException($"A reason has at most {MaxText} characters.", nameof(reason)) : reason;
}
