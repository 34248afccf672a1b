namespace ImapTrigger.IntegrationTests.Servers;

/// <summary>In what a server differs, where a contract has to expect something else of it; docs/providers.md says the same to people.</summary>
public sealed record ServerTraits
{
    /// <summary>The server's column in docs/providers.md.</summary>
    public required string Name { get; init; }

    /// <summary>What the names of one's own folders begin with (RFC 2342).</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Whether it logs in by OAuth: OAUTHBEARER or XOAUTH2.</summary>
    public bool HasAccessTokens { get; init; }

    /// <summary>ID (RFC 2971).</summary>
    public bool HasId { get; init; } = true;

    /// <summary>Whether BYE ends the sessions that have selected a folder which is deleted; on others they go on as if it were empty.</summary>
    public bool EndsSessionsOfDeleted { get; init; }

    /// <summary>MOVE (RFC 6851); without it a move is COPY and EXPUNGE.</summary>
    public bool HasMove { get; init; } = true;

    /// <summary>Whether SELECT and EXAMINE answer with UIDNEXT, as RFC 9051 demands.</summary>
    public bool SaysUidNext { get; init; } = true;

    /// <summary>Whether "n:*" always holds the last message, however low its UID (RFC 9051, 6.4.8).</summary>
    public bool FindsTheLast { get; init; } = true;

    /// <summary>How it answers what it does not understand; RFC 9051 says BAD.</summary>
    public string Misunderstood { get; init; } = "BAD";

    /// <summary>The full name of a folder below the root of one's own.</summary>
    public string PathOf(string folder) => folder == "INBOX" ? folder : Namespace + folder;
}
