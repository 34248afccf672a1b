using ImapTrigger.Delivery;
using ImapTrigger.Filtering;

namespace ImapTrigger.Listening;

/// <summary>What a function's attribute says, resolved.</summary>
/// <param name="Mailboxes">What is watched.</param>
/// <param name="Actions">What becomes of messages.</param>
/// <param name="StateName">The name under which the function keeps its state; null for its own.</param>
internal sealed record TriggerSettings(IReadOnlyList<MailboxSource> Mailboxes, AfterActions Actions, string? StateName)
{
    /// <summary>Which messages the function is called with; null for all.</summary>
    public Filter? Filter { get; init; }
}
