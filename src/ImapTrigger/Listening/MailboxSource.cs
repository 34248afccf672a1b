using ImapTrigger.Imap;
using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>A mailbox to watch: one folder of one account. Its text form is safe to log.</summary>
internal sealed record MailboxSource(ImapAccount Account, string Folder)
{
    /// <summary>The function that watches it, for the log; null until that is known.</summary>
    public string? Function { get; init; }

    /// <summary>The header fields that the function wants to see.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>What the app calls it; null when it has no name for it.</summary>
    public string? Tag { get; init; }

    /// <summary>With which messages it begins when it has no cursor.</summary>
    public StartFrom Start { get; init; } = StartFrom.Now;

    public MailboxName Name { get; } = new(Account.UserName, Account.Host, Account.EffectivePort, Folder);

    public string Key { get; private init; } = PartitionMap.KeyOf(Account.UserName, Account.Host, Folder);

    /// <summary>Whether only case or port tell it from another mailbox of the function, so that what is called alike may be another.</summary>
    public bool HasNamesake => Key != Name.Key;

    public int Partition => PartitionMap.SharedOf(Number);

    /// <summary>The mailbox as a number, for those who share partitions out (<see cref="PartitionMap"/>).</summary>
    public int Number => PartitionMap.OwnPartitionOf(Key);

    /// <summary>
    /// The mailboxes of one function. A key says no more than is needed to tell them apart: where two would have the same, it keeps the case of
    /// the user's name, and where that is not enough, the port.
    /// </summary>
    /// <param name="mailboxes">The mailboxes.</param>
    /// <param name="folder">The folder of those that name none.</param>
    /// <param name="twice">Is told of one that is there already.</param>
    public static IReadOnlyList<MailboxSource> Of(IEnumerable<ImapMailbox> mailboxes, string folder, Action<MailboxSource>? twice = null)
    {
        var known = new HashSet<MailboxName>();
        var sources = new List<MailboxSource>();
        foreach (var source in mailboxes.Select(mailbox => new MailboxSource(mailbox.Account, mailbox.Folder ?? folder) { Tag = mailbox.Tag }))
        {
            // First of all: by being there twice it must not get another key.
            if (known.Add(source.Name.Plain))
                sources.Add(source);
            else
                twice?.Invoke(source);
        }

        return Apart(Apart(sources, source => source.Name.KeyWithCase), source => source.Name.KeyWithPort);
    }

    public override string ToString() => Function is null ? Label : $"{Function}: {Label}";

    /// <summary>Its key and tag, for people.</summary>
    public string Label => Tag is null ? Key : $"{Key} ({Tag})";

    /// <summary>What went wrong, for a line that has named the mailbox already.</summary>
    public string Told(Exception e) => e.Message.Replace($"{ImapErrors.NameOf(Account)}: ", "", StringComparison.Ordinal);

    private static List<MailboxSource> Apart(List<MailboxSource> sources, Func<MailboxSource, string> key)
    {
        var twice = sources.GroupBy(source => source.Key).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet(StringComparer.Ordinal);
        return [.. sources.Select(source => twice.Contains(source.Key) ? source with { Key = key(source) } : source)];
    }
}
