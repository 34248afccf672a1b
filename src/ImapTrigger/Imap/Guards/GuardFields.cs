namespace ImapTrigger.Imap.Guards;

/// <summary>The fields of a header that are fetched of every message.</summary>
internal static class GuardFields
{
    public const string AuthenticationResults = "Authentication-Results";
    public const string AutoSubmitted = "Auto-Submitted";
    public const string ContentType = "Content-Type";
    public const string FailedRecipients = "X-Failed-Recipients";
    public const string ListId = "List-Id";
    public const string ListPost = "List-Post";
    public const string Precedence = "Precedence";
    public const string Received = "Received";
    public const string References = "References";
    public const string ReturnPath = "Return-Path";

    /// <summary>
    /// What was received stands first and what is to be believed last: a server that answers in the order of the question, not of the header, then shows nothing
    /// above its own Received that a sender wrote.
    /// </summary>
    public static IReadOnlyList<string> All { get; } =
        [Received, ReturnPath, References, ContentType, AutoSubmitted, Precedence, ListId, ListPost, FailedRecipients, AuthenticationResults];
}
