namespace ImapTrigger.Ownership;

/// <summary>
/// The messages that were there at the first start, of which some are wanted: they are taken up in order like any others and judged one by one, so that neither the record nor the memory
/// grows with their number.
/// </summary>
/// <param name="UpTo">The highest UID that there was then.</param>
/// <param name="Since">What came later is wanted; null for none of it.</param>
/// <param name="Unseen">What has not been read when it is looked at is wanted.</param>
internal sealed record StartBacklog(uint UpTo, DateTimeOffset? Since, bool Unseen)
{
    /// <summary>What the server does not say may be wanted.</summary>
    public bool Wants(ImapEvent message) =>
        message.Uid > UpTo || (Since is not null && !(message.InternalDate <= Since)) || (Unseen && !message.Flags.Contains(@"\Seen", StringComparer.OrdinalIgnoreCase));
}
