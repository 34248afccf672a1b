using System.Text.Json.Serialization;

namespace ImapTrigger;

/// <summary>
/// What the receiving server found out about who sent a message (<c>Authentication-Results</c>, RFC 8601). Only fields that this server wrote count; what a sender
/// writes under the same name does not.
/// </summary>
public sealed record ImapAuthentication
{
    /// <summary>The identifier under which the server wrote it (authserv-id), such as <c>mx.google.com</c>; empty where it writes none (Exchange Online).</summary>
    public required string AuthservId { get; init; }

    /// <summary>
    /// Whether the one author's domain is proved: DMARC passed for it; or the server says nothing of DMARC, or that there is no policy, and a DKIM signature of that
    /// domain, or of one above it, passed. It says who sent the message, not that what it says is true or harmless.
    /// </summary>
    public bool Verified { get; init; }

    /// <summary>Whether the sending host may send for the envelope's domain (RFC 7208); null when the server says nothing of it.</summary>
    public ImapAuthenticationResult? Spf { get; init; }

    /// <summary>The domain of the envelope's sender that <see cref="Spf"/> is about; null when it is not named. It need not be the author's.</summary>
    public string? SpfDomain { get; init; }

    /// <summary>Whether a signature holds (RFC 6376): <c>pass</c> if one does; null when the server says nothing of it.</summary>
    public ImapAuthenticationResult? Dkim { get; init; }

    /// <summary>The domains whose signatures hold; at most 100. They need not be the author's.</summary>
    public IReadOnlyList<string> DkimDomains { get; init; } = [];

    /// <summary>Whether SPF or DKIM hold for the author's domain (RFC 7489); null when the server says nothing of it.</summary>
    public ImapAuthenticationResult? Dmarc { get; init; }

    /// <summary>The author's domain that <see cref="Dmarc"/> is about; null when it is not named.</summary>
    public string? DmarcDomain { get; init; }
}

/// <summary>The result of one method (RFC 8601, 2.7). In JSON the RFC's words: <c>pass</c>, <c>softfail</c>, ...</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ImapAuthenticationResult>))]
public enum ImapAuthenticationResult
{
    /// <summary>Nothing to check: not signed, no policy; or a word that RFC 8601 does not have.</summary>
    None,

    /// <summary>It holds.</summary>
    Pass,

    /// <summary>It does not.</summary>
    Fail,

    /// <summary>Probably not.</summary>
    Softfail,

    /// <summary>The domain does not say.</summary>
    Neutral,

    /// <summary>It holds, but a policy of the receiving server does not accept it.</summary>
    Policy,

    /// <summary>It could not be checked for now.</summary>
    Temperror,

    /// <summary>It cannot be checked: a mistake of the sender's.</summary>
    Permerror,
}
