using ImapTrigger.Delivery;
using ImapTrigger.Filtering;

namespace ImapTrigger.Listening;

/// <summary>What a function's attribute says, resolved.</summary>
/// <param name="Source">Says which mailboxes are watched, now and later.</param>
/// <param name="Known">Those that are known without asking the network.</param>
/// <param name="Folder">The folder of those that name none.</param>
/// <param name="Actions">What becomes of messages.</param>
/// <param name="StateName">The name under which the function keeps its state; null for its own.</param>
internal sealed record TriggerSettings(IImapMailboxSource Source, IReadOnlyList<ImapMailbox> Known, string Folder, AfterActions Actions, string? StateName)
{
    /// <summary>With which messages a mailbox begins that has no cursor.</summary>
    public StartFrom Start { get; init; } = StartFrom.Now;

    /// <summary>Which messages the function is called with; null for all.</summary>
    public Filter? Filter { get; init; }

    /// <summary>The header fields that the function wants to see.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Whether mailboxes may come and go beside each other; a single one only changes its settings.</summary>
    public bool IsList { get; init; }
}
