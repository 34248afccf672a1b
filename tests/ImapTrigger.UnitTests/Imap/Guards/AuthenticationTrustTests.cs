using FsCheck;
using FsCheck.Fluent;
using ImapTrigger.Imap.Guards;

namespace ImapTrigger.UnitTests.Imap.Guards;

/// <summary>Whose Authentication-Results are believed, and what is read out of them.</summary>
public sealed class AuthenticationTrustTests
{
    private const ImapAuthenticationResult Pass = ImapAuthenticationResult.Pass;
    private const string Own = "mail.example.org";
    private const string Received = "Received: from x by mail.example.org\n";

    public static TheoryData<string, string?, string, string> Providers => new()
    {
        { "imap.gmail.com", null, ProviderHeaders.Gmail, "mx.google.com" },
        { "outlook.office365.com", null, ProviderHeaders.ExchangeOnline, "" },
        { "imap.mail.yahoo.com", null, ProviderHeaders.Yahoo, "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com" },
        { "imap.fastmail.com", null, ProviderHeaders.Fastmail, "mx1.messagingengine.com" },
        { "imap.mail.me.com", null, ProviderHeaders.ICloud, "bimi.icloud.com" },
        { Own, null, ProviderHeaders.PostfixWithMilters, Own },
        { Own, Own, ProviderHeaders.PostfixWithMilters, Own },
        { Own, "a.example, MAIL.example.org", ProviderHeaders.PostfixWithMilters, Own },
        { Own, "*.example.org", ProviderHeaders.Rspamd, Own },
        { Own, null, ProviderHeaders.Rspamd, Own },
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public void What_the_providers_write_is_read(string host, string? authservId, string header, string id)
    {
        var found = Read(header, authservId, host)!;
        Assert.Equal((id, true, Pass, Pass, Pass), (found.AuthservId, found.Verified, found.Spf, found.Dkim, found.Dmarc));
        Assert.Equal("contoso.com", found.DmarcDomain);
        Assert.Contains("contoso.com", found.DkimDomains);
        Assert.EndsWith("contoso.com", found.SpfDomain, StringComparison.Ordinal);
        Assert.False(Read(header, authservId, host, author: "news@contoso.com.evil.example")!.Verified);
        // Of several authors none is the one.
        Assert.False(Read(header, authservId, host, author: null)!.Verified);
    }

    [Fact]
    public void Each_signer_that_holds_is_told()
    {
        var found = Read(ProviderHeaders.Gmail, null, "imap.gmail.com")!;
        Assert.Equal(["contoso.com", "esp.example"], found.DkimDomains);
        Assert.Equal("news.contoso.com", found.SpfDomain);
    }

    [Theory]
    [InlineData("news@contoso.com", true)]
    [InlineData("news@mail.contoso.com", true)]
    [InlineData("news@xcontoso.com", false)]
    [InlineData("news@com", false)]
    public void Without_a_policy_a_signature_of_the_author_s_domain_verifies(string author, bool verified)
    {
        var found = Read(ProviderHeaders.ExchangeOnlineWithoutPolicy, "none", author: author)!;
        Assert.Equal((ImapAuthenticationResult.None, Pass, ImapAuthenticationResult.None, verified), (found.Spf, found.Dkim, found.Dmarc, found.Verified));
    }

    [Theory]
    [InlineData("dmarc=fail header.from=contoso.com; dkim=pass header.d=contoso.com; spf=pass smtp.mailfrom=contoso.com")]
    [InlineData("dmarc=temperror header.from=contoso.com; dkim=pass header.d=contoso.com")]
    [InlineData("dmarc=pass header.from=other.example; dkim=pass header.d=contoso.com")]
    [InlineData("dmarc=pass; dkim=pass header.d=contoso.com")]
    [InlineData("spf=pass smtp.mailfrom=contoso.com")]
    [InlineData("dkim=pass header.d=com")]
    [InlineData("dkim=pass header.d=other.example; dkim=fail header.d=contoso.com")]
    [InlineData("none")]
    public void Anything_less_does_not(string results) => Assert.False(Read($"Authentication-Results: {Own}; {results}\n{Received}", Own)!.Verified);

    /// <summary>What a sender writes stands below what the server writes.</summary>
    [Theory]
    [InlineData(Own, "Authentication-Results: mail.example.org; dmarc=fail header.from=contoso.com\nReceived: x\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    [InlineData(Own, "Authentication-Results: mail.example.org; dmarc=fail header.from=contoso.com\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    [InlineData(Own, "Authentication-Results: mail.example.org; none\nReceived: x\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    [InlineData(Own, "Authentication-Results: mail.example.org; none\nAuthentication-Results: other.example; none\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData(Own, "Authentication-Results: mail.example.org; none\nAuthentication-Results: mail.example.org; (\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData("none", "Authentication-Results: spf=fail smtp.mailfrom=contoso.com\nAuthentication-Results: dmarc=pass header.from=contoso.com")]
    [InlineData(null, "Authentication-Results: mail.example.org; none\nReceived: x\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    public void A_forged_one_below_is_not_believed(string? authservId, string header)
    {
        var found = Read(header, authservId)!;
        Assert.False(found.Verified);
        Assert.NotEqual(Pass, found.Dmarc);
    }

    [Theory]
    [InlineData(Own, "Authentication-Results: other.example; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData(Own, "Authentication-Results: mail.example.org.evil.example; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData(Own, "Authentication-Results: other.example; none\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData(Own, "Authentication-Results: dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData("*.example.org", "Authentication-Results: example.org; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData("*.example.org", "Authentication-Results: evilexample.org; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData("none", "Authentication-Results: mail.example.org; dmarc=pass header.from=contoso.com\nReceived: x")]
    [InlineData(null, "Received: x\nAuthentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    [InlineData(null, "Authentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    [InlineData(Own, "ARC-Authentication-Results: i=1; mail.example.org; dmarc=pass header.from=contoso.com\nX-Authentication-Results: mail.example.org; dmarc=pass header.from=contoso.com")]
    [InlineData(Own, "")]
    public void Nobody_else_is_believed(string? authservId, string header) => Assert.Null(Read(header, authservId));

    /// <summary>A sender chooses the local part of his address.</summary>
    [Theory]
    [InlineData("smtp.mailfrom=\"x; dmarc=pass header.from=contoso.com\"@evil.example")]
    [InlineData("smtp.mailfrom=\"\\\"; dmarc=pass header.from=contoso.com; y=\"@evil.example")]
    [InlineData("(domain of x\\); dmarc=pass header.from=contoso.com) smtp.mailfrom=evil.example")]
    [InlineData("(a (nested; dmarc=pass header.from=contoso.com) one; dmarc=pass header.from=contoso.com) smtp.mailfrom=evil.example")]
    [InlineData("\"; dmarc=pass header.from=contoso.com; \" smtp.mailfrom=evil.example")]
    [InlineData("smtp.mailfrom= =?utf-8?q?=3Bdmarc=3Dpass_header.from=3Dcontoso.com=3B?= smtp.helo=evil.example")]
    public void What_is_quoted_is_no_syntax(string spf)
    {
        var found = Read($"Authentication-Results: {Own}; spf=pass {spf}\n{Received}", Own)!;
        Assert.Equal((false, Pass, null), (found.Verified, found.Spf, found.Dmarc));
    }

    /// <summary>Not quoted by the server, as it should have been.</summary>
    [Fact]
    public void Of_two_results_for_one_policy_the_worse_counts()
    {
        var found = Read($"Authentication-Results: {Own}; spf=pass smtp.mailfrom=x;dmarc=pass header.from=contoso.com;@evil.example; dmarc=fail header.from=contoso.com\n{Received}", Own)!;
        Assert.Equal((false, ImapAuthenticationResult.Fail), (found.Verified, found.Dmarc));
    }

    [Theory]
    [InlineData("mail.example.org 1; dmarc=pass header.from=contoso.com", true)]
    [InlineData("mail.example.org (a comment) 1 (another); dmarc=pass header.from=contoso.com", true)]
    [InlineData("\"mail.example.org\" ; (c) DMARC (c) / (c) 1 (c) = (c) PASS (c) header (c) . (c) from (c) = (c) contoso.com (c)", true)]
    [InlineData("(c)mail.example.org;dmarc=pass(c)header.from=contoso.com;", true)]
    [InlineData("mail.example.org; dmarc=pass reason=\"good; enough\" header.from=Contoso.COM.", true)]
    [InlineData("mail.example.org; dmarc/2=pass header.from=contoso.com", false)]
    [InlineData("mail.example.org; adsp=pass header.from=contoso.com", false)]
    public void The_grammar_is_RFC_8601_s(string field, bool verified) => Assert.Equal(verified, Read($"Authentication-Results: {field}\n{Received}", Own)!.Verified);

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("=pass")]
    [InlineData("mail.example.org 2; dmarc=pass header.from=contoso.com")]
    [InlineData("mail.example.org; dmarc=pass header.from=contoso.com (")]
    [InlineData("mail.example.org; dmarc=pass header.from=\"contoso.com")]
    [InlineData("mail.example.org; dmarc=pass header.from=\"contoso.com\\")]
    [InlineData("mail.example.org dmarc=pass header.from=contoso.com")]
    public void What_is_malformed_is_not_believed_in_part(string field) => Assert.Null(AuthenticationResults.Parse(field));

    [Fact]
    public void Sizes_are_bounded()
    {
        Assert.Null(AuthenticationResults.Parse($"{Own}; {new string('x', AuthenticationResults.MaxLength)}"));
        Assert.Equal(100, AuthenticationResults.Parse($"{Own}{string.Concat(Enumerable.Repeat("; dkim=pass header.d=x.y", 300))}")!.Results.Count);
        Assert.NotNull(AuthenticationResults.Parse($"{Own}; {new string('(', 2000)}{new string(')', 2000)} none"));
        var found = Read(string.Concat(Enumerable.Repeat($"Authentication-Results: {Own}; none\n", 5000)) + $"Authentication-Results: {Own}; dmarc=pass header.from=contoso.com", Own)!;
        Assert.Null(found.Dmarc);
    }

    [Fact]
    public void Whatever_stands_there_is_read_or_not_and_harms_nobody() => Prop.ForAll(
        Gen.Elements("mail.example.org", ";", "=", "(", ")", "\"", "\\", " ", "dmarc", "pass", "/", "1", ".", "header.from", "\r\n\t", "\u00e9").ArrayOf().ToArbitrary(),
        parts => (AuthenticationResults.Parse(string.Concat(parts))?.Results.Count ?? 0) >= 0).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void International_domains_are_the_same_in_both_ways_to_write_them()
    {
        var header = $"Authentication-Results: {Own}; dmarc=pass header.from=xn--bcher-kva.example\n{Received}";
        Assert.True(Read(header, Own, author: "a@b\u00fccher.example")!.Verified);
    }

    private static ImapAuthentication? Read(string header, string? authservId, string host = Own, string? author = "news@contoso.com")
    {
        var account = new ImapAccount { Host = host, UserName = "ann", Password = "p", AuthservId = authservId };
        return new AuthenticationTrust(AuthservIds.Of(account)).Read(Fields.Of(header), author);
    }
}
