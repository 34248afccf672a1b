namespace ImapTrigger.Ownership;

/// <summary>
/// The server has numbered the messages anew, and by onUidValidityChange = continue those up to a UID are delivered only if they are new: they are taken up
/// in order like any others, so that neither the record nor the memory grows with their number.
/// </summary>
/// <param name="UpTo">The highest UID that there was then.</param>
/// <param name="Since">What arrived before is known; null when nothing was known.</param>
internal sealed record Renumbering(uint UpTo, DateTimeOffset? Since);
