using System.Collections.Immutable;

namespace ImapTrigger.Ownership;

/// <summary>What has changed between two states of a record; the newer one has the values.</summary>
/// <param name="Head">Whether the partition itself has.</param>
/// <param name="Mailboxes">The mailboxes that have; and of each how many messages its history has more, or null when all of it is to be written.</param>
internal sealed record RecordChanges(bool Head, ImmutableSortedDictionary<string, int?> Mailboxes)
{
    public bool IsEmpty => !Head && Mailboxes.IsEmpty;

    public static RecordChanges Between(PartitionState before, PartitionState after)
    {
        var mailboxes = ImmutableSortedDictionary.CreateBuilder<string, int?>(StringComparer.Ordinal);
        foreach (var (mailbox, cursor) in after.Mailboxes)
        {
            var earlier = before.Mailboxes.GetValueOrDefault(mailbox);
            if (!ReferenceEquals(earlier, cursor))
                mailboxes[mailbox] = earlier is null ? null : cursor.Recent.AddedTo(earlier.Recent);
        }

        foreach (var gone in before.Mailboxes.Keys.Where(mailbox => !after.Mailboxes.ContainsKey(mailbox)))
            mailboxes[gone] = null;
        return new RecordChanges(!HasSameHead(before, after), mailboxes.ToImmutable());
    }

    /// <summary>These, and those that came after them.</summary>
    public RecordChanges And(RecordChanges later)
    {
        var mailboxes = Mailboxes.ToBuilder();
        foreach (var (mailbox, added) in later.Mailboxes)
            mailboxes[mailbox] = !Mailboxes.TryGetValue(mailbox, out var before) ? added : before + added is < RecentMessages.Most and var all ? all : null;
        return new RecordChanges(Head || later.Head, mailboxes.ToImmutable());
    }

    private static bool HasSameHead(PartitionState before, PartitionState after) =>
        (before.Owner, before.Epoch, before.Clean) == (after.Owner, after.Epoch, after.Clean)
        && before.Watched.SetEquals(after.Watched) && before.Apart.SetEquals(after.Apart);
}
