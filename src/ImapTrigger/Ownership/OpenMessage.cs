namespace ImapTrigger.Ownership;

/// <summary>A message that is taken up and not settled.</summary>
/// <param name="Attempts">Attempts begun.</param>
/// <param name="Date">Its INTERNALDATE, but never later than when it was taken up.</param>
/// <param name="Done">The function has succeeded; only what is to be done to the message afterwards is not.</param>
/// <param name="Identity">By which it is found again when the server numbers its messages anew (<see cref="MessageIdentity"/>).</param>
/// <param name="Broken">So many times the fetch of its metadata alone has failed, or has ended the session or the process.</param>
/// <param name="Verdict">What the function has said is to become of it, in the grammar of verdicts; null where it has said nothing, so that the attribute holds.</param>
/// <param name="NotBefore">It is not delivered again before, as the function has said.</param>
internal sealed record OpenMessage(
    int Attempts = 0, DateTimeOffset? Date = null, bool Done = false, string? Identity = null, int Broken = 0, string? Verdict = null, DateTimeOffset? NotBefore = null);
