namespace ImapTrigger.Imap;

/// <summary>What came of a fetch, also when it failed.</summary>
/// <param name="Messages">Rising by UID.</param>
/// <param name="Failure">Why not all came; null when the server says that it has given all. See <see cref="ImapSessionException.EndsSession"/>.</param>
internal readonly record struct FetchAnswer(IReadOnlyList<ImapEvent> Messages, ImapSessionException? Failure = null)
{
    /// <summary>The highest sequence number that came: so many messages the folder has at least, announced or not.</summary>
    public int Highest { get; init; }
}
