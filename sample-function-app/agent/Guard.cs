using ImapTrigger;

namespace Agent;

/// <summary>Whose mail the program sees, and who is answered: nobody else.</summary>
public static class Guard
{
    /// <summary>Why this message goes no further; null when it may.</summary>
    /// <param name="mail">The message's metadata.</param>
    /// <param name="senders">The addresses that may give orders.</param>
    public static string? WhyNot(ImapEvent mail, IReadOnlyCollection<string> senders)
    {
        // A filter lets pass what it cannot know, so that no mail is lost; here it is the other way round.
        if (!mail.Complete)
            return "not all of it could be read";
        // Two programs that answer one another never end (RFC 3834, 2).
        if (mail.Kind != ImapMessageKind.Normal)
            return $"no person wrote it ({mail.Kind})";
        if (mail.From is not [var author])
            return "it has not one author";
        if (mail.Authentication is not { Verified: true })
            return "nothing proves that it is from who it says";
        // The address alone: a display name is what anybody likes.
        if (!senders.Contains(author.Address, StringComparer.OrdinalIgnoreCase))
            return "its author is not one of those who may";
        return author.Address.Equals(mail.Account, StringComparison.OrdinalIgnoreCase) ? "it is from this mailbox itself" : null;
    }
}
