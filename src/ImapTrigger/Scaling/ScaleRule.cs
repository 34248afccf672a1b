namespace ImapTrigger.Scaling;

/// <summary>How many instances a function needs. IDLE connections cost little, so one instance serves many mailboxes; what waits to be delivered asks for more.</summary>
/// <param name="Mailboxes">The function's mailboxes.</param>
/// <param name="Partitions">The partitions they fall into: more instances than these would have nothing to do.</param>
/// <param name="MailboxesPerInstance">So many mailboxes one instance shall watch, at most.</param>
internal sealed record ScaleRule(int Mailboxes, int Partitions, int MailboxesPerInstance)
{
    /// <summary>So many open messages one instance shall have; a mailbox has a thousand at most.</summary>
    public const int OpenPerInstance = 1000;

    /// <param name="partitions">The partition of each mailbox.</param>
    /// <param name="mailboxesPerInstance">So many mailboxes one instance shall watch, at most.</param>
    public static ScaleRule For(IReadOnlyCollection<int> partitions, int mailboxesPerInstance) => new(partitions.Count, partitions.Distinct().Count(), mailboxesPerInstance);

    /// <summary>Never none: without an instance nobody hears of mail, nor of the first mailbox of a set that is empty.</summary>
    /// <param name="open">Messages taken up and not settled.</param>
    public int Target(long open)
    {
        var wanted = Math.Max(Ceiling(Mailboxes, MailboxesPerInstance), Ceiling(open, OpenPerInstance));
        return (int)Math.Clamp(wanted, 1, Math.Max(1, Partitions));
    }

    private static long Ceiling(long count, int size) => (count + size - 1) / size;
}
