namespace ImapTrigger.Connections;

/// <summary>What a list of mailboxes says: a mistake in one keeps none of the others shut.</summary>
/// <param name="Mailboxes">Those that are right.</param>
/// <param name="Wrong">What is wrong with the others, a sentence each, with the place in the list.</param>
internal sealed record MailboxList(IReadOnlyList<ImapMailbox> Mailboxes, IReadOnlyCollection<string> Wrong)
{
    /// <summary>Whether it is a list, be it of one, and no single mailbox.</summary>
    public bool IsList { get; init; }

    public static MailboxList Empty { get; } = new([], []);

    /// <summary>Reads one after the other.</summary>
    public static MailboxList Of<T>(IEnumerable<T> entries, Func<T, Mistakes, ImapMailbox?> read)
    {
        var mailboxes = new List<ImapMailbox>();
        // What is wrong among the defaults is wrong in the same words for each.
        var wrong = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var mistakes = new Mistakes("");
            if (read(entry, mistakes) is { } mailbox)
                mailboxes.Add(mailbox);
            wrong.UnionWith(mistakes.Texts);
        }

        return new MailboxList(mailboxes, wrong);
    }
}
