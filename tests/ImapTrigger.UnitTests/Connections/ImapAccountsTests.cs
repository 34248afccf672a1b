using ImapTrigger.Connections;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.UnitTests.Connections;

public sealed class ImapAccountsTests
{
    private const string Secret = "hunter2-secret";

    [Fact]
    public void A_section_becomes_an_account()
    {
        var account = Find(("Imap:host", "mail.example.org"), ("Imap:userName", "ann"), ("Imap:password", Secret));
        Assert.Equal(("mail.example.org", "ann", Secret), (account.Host, account.UserName, account.Password));
        Assert.Equal((993, ImapSecurity.Tls), (account.EffectivePort, account.EffectiveSecurity));
    }

    [Theory]
    [InlineData(null, null, 993, ImapSecurity.Tls)]
    [InlineData("993", "auto", 993, ImapSecurity.Tls)]
    [InlineData("143", null, 143, ImapSecurity.StartTls)]
    [InlineData(null, "startTls", 143, ImapSecurity.StartTls)]
    [InlineData("1143", "none", 1143, ImapSecurity.None)]
    public void Port_and_security_follow_from_each_other(string? port, string? security, int effectivePort, ImapSecurity effective)
    {
        var account = Find(("Imap:host", "h"), ("Imap:userName", "u"), ("Imap:password", Secret), ("Imap:port", port), ("Imap:security", security));
        Assert.Equal((effectivePort, effective), (account.EffectivePort, account.EffectiveSecurity));
    }

    [Fact]
    public void A_url_becomes_an_account()
    {
        var account = Find(("Imap", "imaps://ann%40example.org;AUTH=PLAIN:p%3A%2Fw@mail.example.org:1993"));
        Assert.Equal(("mail.example.org", 1993, "ann@example.org", "p:/w"), (account.Host, account.EffectivePort, account.UserName, account.Password));
        Assert.Equal(ImapSecurity.Tls, account.EffectiveSecurity);
    }

    [Theory]
    [InlineData(null, "https://outlook.office365.com/.default")]
    [InlineData("https://mail.example.org/.default", "https://mail.example.org/.default")]
    public async Task With_oauth2_the_credential_of_the_section_gives_a_token_for_the_scope(string? scope, string asked)
    {
        var account = Find(("Imap:host", "h"), ("Imap:userName", "ann"), ("Imap:authentication", "oauth2"), ("Imap:tenantId", "t"), ("Imap:clientId", "c"), ("Imap:clientSecret", Secret), ("Imap:scope", scope));
        Assert.Null(account.Password);
        Assert.Equal($"t/c/{asked}", await account.AccessToken!(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("authentication", "kerberos", "Imap__authentication' must be password or oauth2")]
    [InlineData("clientSecret", Secret, "Imap__clientSecret' needs Imap__authentication = oauth2")]
    [InlineData("authentication", "oauth2", "Imap__password' contradicts Imap__authentication = oauth2")]
    public void Password_and_token_are_not_mixed(string key, string value, string problem)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Find(("Imap:host", "h"), ("Imap:userName", "ann"), ("Imap:password", Secret), ($"Imap:{key}", value)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_that_Azure_could_not_resolve_is_no_password()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Find(("Imap:host", "h"), ("Imap:userName", "ann"), ("Imap:password", "@Microsoft.KeyVault(SecretUri=https://v.example.org/secrets/mail)")));
        Assert.Contains("'Imap__password' is a Key Vault reference that has not been resolved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_not_sent_readable()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Find(("Imap:host", "mail.example.org"), ("Imap:userName", "ann"), ("Imap:authentication", "oauth2"), ("Imap:security", "none")));
        Assert.Contains("Imap__security' = none would send the access token readable", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_prefixed_name_wins_and_connection_strings_come_first()
    {
        var account = Find(("Imap", "imaps://a:b@plain"), ("AzureWebJobsImap", "imaps://a:b@prefixed"), ("ConnectionStrings:AzureWebJobsImap", "imaps://a:b@first"));
        Assert.Equal("first", account.Host);
    }

    [Theory]
    [InlineData("Imap__host", "Imap:userName=u;Imap:password=hunter2-secret")]
    [InlineData("Imap__password", "Imap:userName=u;Imap:host=h")]
    [InlineData("Imap__port", "Imap:host=h;Imap:userName=u;Imap:password=hunter2-secret;Imap:port=99999")]
    [InlineData("Imap__security", "Imap:host=h;Imap:userName=u;Imap:password=hunter2-secret;Imap:security=ssl")]
    [InlineData("Imap__pasword", "Imap:host=h;Imap:userName=u;Imap:pasword=hunter2-secret")]
    [InlineData("Imap__host", "Imap=imaps://u:hunter2-secret@h;Imap:host=h")]
    [InlineData("certificateFingerprint", "Imap:host=h;Imap:userName=u;Imap:password=hunter2-secret;Imap:certificateFingerprint=12")]
    [InlineData("'Imap'", "Imap=http://u:hunter2-secret@h")]
    [InlineData("'Imap'", "Imap=imaps://u:hunter2-secret@h/INBOX")]
    [InlineData("'Imap'", "Imap=hunter2-secret")]
    [InlineData("'Imap' is missing", "Other=x")]
    public void What_is_wrong_is_named_and_the_secret_is_not(string named, string settings)
    {
        var pairs = settings.Split(';').Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], (string?)pair[1])).ToArray();
        var error = Assert.Throws<InvalidOperationException>(() => Find(pairs));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("OnMail", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_url_in_the_attribute_is_refused_without_repeating_it()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Accounts().Find($"imaps://u:{Secret}@h", "OnMail"));
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_never_prints_its_password() =>
        Assert.DoesNotContain(Secret, new ImapAccount { Host = "h", UserName = "u", Password = Secret }.ToString(), StringComparison.Ordinal);

    private static ImapAccount Find(params (string Key, string? Value)[] settings) => Assert.Single(Accounts(settings).Find("Imap", "OnMail"));

    private static ImapAccounts Accounts(params (string Key, string? Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build(), new AccessTokens(new NamingComponents()));
}
