namespace ImapTrigger;

/// <summary>
/// Says which mailboxes a trigger watches, while the app runs: <c>services.AddSingleton&lt;IImapMailboxSource, Customers&gt;()</c>. Mailboxes come, go and change without a
/// restart and without disturbing the others. Each instance of the app, and each function, reads the source for itself; for a moment they may have different lists.
/// </summary>
public interface IImapMailboxSource
{
    /// <summary>The name by which triggers ask for it: <c>[ImapIdleTrigger(Connection = "Customers")]</c>. Compared without case; there must be no app setting of that name.</summary>
    string Connection { get; }

    /// <summary>
    /// Gives the list: all mailboxes as they are now, then all of them again after each change. What is not in it any more goes: its calls end, its cursor stays for 30 days,
    /// so that it goes on from there should it come back. A mailbox that cannot be right (no host, no password) is left out and told in the log (103); so is one that is there twice (331).
    /// </summary>
    /// <param name="cancellationToken">The trigger stops.</param>
    /// <returns>
    /// The lists; each is read at once and not kept. When the stream ends, the last list stays. When it throws, too: that is told in the log (334), and the source is read anew after a pause.
    /// An empty list watches nothing.
    /// </returns>
    IAsyncEnumerable<IReadOnlyCollection<ImapMailbox>> ReadAsync(CancellationToken cancellationToken);
}
