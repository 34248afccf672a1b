namespace ImapTrigger.Imap.Guards;

/// <summary>A field of a message's header, in the header's order.</summary>
/// <param name="Name">Its name, in any case.</param>
/// <param name="Raw">Its value as it was sent, folds taken out; encoded words are not decoded, so that what they hold is never taken for syntax.</param>
internal readonly record struct HeaderField(string Name, string Raw)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
