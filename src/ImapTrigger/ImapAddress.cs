namespace ImapTrigger;

/// <summary>A person in a message's header (RFC 5322, 3.4). Both parts are what the sender wrote: not verified.</summary>
/// <param name="Name">The display name, or null; at most 512 characters, control characters removed.</param>
/// <param name="Address">The mail address; at most 512 characters. Empty when the header has a name without an address.</param>
public sealed record ImapAddress(string? Name, string Address);
