namespace ImapTrigger.Imap.Guards;

/// <summary>
/// Which Authentication-Results are the receiving server's own, and what they come to. A server puts its fields above what a sender wrote, so the topmost count, up to
/// the first that is another's, that cannot be read, or that a Received separates from them. Of fields without an identifier, and of those that say the same thing, only the
/// topmost counts. Where the identifier is not known, those above the first Received are the server's: nothing that a sender wrote can stand there.
/// </summary>
internal sealed class AuthenticationTrust(AuthservIds? own)
{
    /// <summary>Servers write up to four.</summary>
    private const int MaxFields = 20;

    private const int MaxDomain = 255;

    /// <summary>Whether the position alone tells.</summary>
    public bool Learns => own is null;

    /// <summary>What the server says; null when nothing is known to be its word.</summary>
    /// <param name="fields">The header.</param>
    /// <param name="author">The one author's address; null when there are several, or may be.</param>
    public ImapAuthentication? Read(IReadOnlyList<HeaderField> fields, string? author)
    {
        var believed = Believed(fields);
        if (believed.Count == 0)
            return null;
        var (spf, dkim, dmarc) = (Results(believed, "spf"), Results(believed, "dkim"), Results(believed, "dmarc"));
        // A server that repeats an address without quoting it lets a sender write a second one.
        var policy = dmarc.FirstOrDefault(result => result.Result != "pass") ?? dmarc.FirstOrDefault();
        var signers = dkim.Where(result => result.Result == "pass").Select(SignerOf).OfType<string>().Distinct(StringComparer.Ordinal).Take(ImapEvent.MaxItems).ToArray();
        var authentication = new ImapAuthentication
        {
            AuthservId = UntrustedText.Clean(believed[0].AuthservId, MaxDomain) ?? "",
            Spf = Worded(spf.FirstOrDefault()),
            SpfDomain = DomainOf(spf.FirstOrDefault(), "smtp.mailfrom", "smtp.helo"),
            Dkim = Worded(dkim.FirstOrDefault(result => result.Result == "pass") ?? dkim.FirstOrDefault()),
            DkimDomains = signers,
            Dmarc = Worded(policy),
            DmarcDomain = DomainOf(policy, "header.from"),
        };
        return authentication with { Verified = IsVerified(authentication, author is null ? null : Domain(author)) };
    }

    private List<AuthenticationResults> Believed(IReadOnlyList<HeaderField> fields)
    {
        var believed = new List<AuthenticationResults>();
        foreach (var field in fields)
        {
            if (field.Is(GuardFields.Received))
            {
                if (own is null || believed.Count > 0)
                    break;
            }
            else if (field.Is(GuardFields.AuthenticationResults))
            {
                if (AuthenticationResults.Parse(field.Raw) is not { } results || own?.Contain(results.AuthservId) == false)
                    break;
                believed.Add(results);
                if (results.AuthservId is null || believed.Count == MaxFields)
                    break;
            }
        }

        // Without a Received below them, nothing shows who wrote them.
        if (own is null && !fields.Any(field => field.Is(GuardFields.Received)))
            believed.Clear();
        return believed;
    }

    /// <summary>Of the topmost field that has the method.</summary>
    private static MethodResult[] Results(List<AuthenticationResults> believed, string method) =>
        believed.Select(field => field.Results.Where(result => result.Method == method).ToArray()).FirstOrDefault(results => results.Length > 0) ?? [];

    private static bool IsVerified(ImapAuthentication found, string? author) => author is not null && found.Dmarc switch
    {
        ImapAuthenticationResult.Pass => found.DmarcDomain == author,
        null or ImapAuthenticationResult.None => found.DkimDomains.Any(signer => IsOrBelow(author, signer)),
        _ => false,
    };

    /// <summary>Who holds a domain holds those below it; nobody holds a top-level one.</summary>
    private static bool IsOrBelow(string domain, string upper) =>
        upper.Contains('.', StringComparison.Ordinal) && (domain == upper || domain.EndsWith('.' + upper, StringComparison.Ordinal));

    private static string? SignerOf(MethodResult result) => DomainOf(result, "header.d", "header.i");

    private static string? DomainOf(MethodResult? result, params string[] properties)
    {
        foreach (var property in properties)
        {
            if (result?.Properties.TryGetValue(property, out var value) == true)
                return Domain(value);
        }

        return null;
    }

    /// <summary>Of an address, or a domain itself; in the DNS's letters. Null when it is none.</summary>
    private static string? Domain(string address)
    {
        var domain = address[(address.LastIndexOf('@') + 1)..].TrimEnd('.').ToLowerInvariant();
        return domain.Length is > 0 and <= MaxDomain && UntrustedText.Clean(domain, MaxDomain) == domain ? DomainNames.ToAscii(domain) : null;
    }

    private static ImapAuthenticationResult? Worded(MethodResult? result) => result?.Result switch
    {
        null => null,
        // Before RFC 7001.
        "hardfail" => ImapAuthenticationResult.Fail,
        "softfail" => ImapAuthenticationResult.Softfail,
        "pass" => ImapAuthenticationResult.Pass,
        "fail" => ImapAuthenticationResult.Fail,
        "neutral" => ImapAuthenticationResult.Neutral,
        "policy" => ImapAuthenticationResult.Policy,
        "temperror" => ImapAuthenticationResult.Temperror,
        "permerror" => ImapAuthenticationResult.Permerror,
        _ => ImapAuthenticationResult.None,
    };
}
