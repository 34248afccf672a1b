using ImapTrigger.Connections;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.UnitTests.Connections;

public sealed class ImapAccountsTests
{
    private const string Secret = "hunter2-secret";

    [Fact]
    public void A_section_becomes_an_account()
    {
        var account = Find(("Mail:host", "mail.example.org"), ("Mail:userName", "ann"), ("Mail:password", Secret));
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
        var account = Find(("Mail:host", "h"), ("Mail:userName", "u"), ("Mail:password", Secret), ("Mail:port", port), ("Mail:security", security));
        Assert.Equal((effectivePort, effective), (account.EffectivePort, account.EffectiveSecurity));
    }

    [Fact]
    public void A_url_becomes_an_account()
    {
        var account = Find(("Mail", "imaps://ann%40example.org;AUTH=PLAIN:p%3A%2Fw@mail.example.org:1993"));
        Assert.Equal(("mail.example.org", 1993, "ann@example.org", "p:/w"), (account.Host, account.EffectivePort, account.UserName, account.Password));
        Assert.Equal(ImapSecurity.Tls, account.EffectiveSecurity);
    }

    [Theory]
    [InlineData(null, "https://outlook.office365.com/.default")]
    [InlineData("https://mail.example.org/.default", "https://mail.example.org/.default")]
    public async Task With_oauth2_the_credential_of_the_section_gives_a_token_for_the_scope(string? scope, string asked)
    {
        var account = Find(("Mail:host", "h"), ("Mail:userName", "ann"), ("Mail:authentication", "oauth2"), ("Mail:tenantId", "t"), ("Mail:clientId", "c"), ("Mail:clientSecret", Secret), ("Mail:scope", scope));
        Assert.Null(account.Password);
        Assert.Equal($"t/c/{asked}", await account.AccessToken!(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("authentication", "kerberos", "Mail__authentication' must be password or oauth2")]
    [InlineData("clientSecret", Secret, "Mail__clientSecret' needs Mail__authentication = oauth2")]
    [InlineData("authentication", "oauth2", "Mail__password' contradicts Mail__authentication = oauth2")]
    public void Password_and_token_are_not_mixed(string key, string value, string problem)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Find(("Mail:host", "h"), ("Mail:userName", "ann"), ("Mail:password", Secret), ($"Mail:{key}", value)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_that_Azure_could_not_resolve_is_no_password()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Find(("Mail:host", "h"), ("Mail:userName", "ann"), ("Mail:password", "@Microsoft.KeyVault(SecretUri=https://v.example.org/secrets/mail)")));
        Assert.Contains("'Mail__password' is a Key Vault reference that has not been resolved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_not_sent_readable()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Find(("Mail:host", "mail.example.org"), ("Mail:userName", "ann"), ("Mail:authentication", "oauth2"), ("Mail:security", "none")));
        Assert.Contains("Mail__security' = none would send the access token readable", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_prefixed_name_wins_and_connection_strings_come_first()
    {
        var account = Find(("Mail", "imaps://a:b@plain"), ("AzureWebJobsMail", "imaps://a:b@prefixed"), ("ConnectionStrings:AzureWebJobsMail", "imaps://a:b@first"));
        Assert.Equal("first", account.Host);
    }

    [Theory]
    [InlineData("Mail__host", "Mail:userName=u;Mail:password=hunter2-secret")]
    [InlineData("Mail__password", "Mail:userName=u;Mail:host=h")]
    [InlineData("Mail__port", "Mail:host=h;Mail:userName=u;Mail:password=hunter2-secret;Mail:port=99999")]
    [InlineData("Mail__security", "Mail:host=h;Mail:userName=u;Mail:password=hunter2-secret;Mail:security=ssl")]
    [InlineData("Mail__pasword", "Mail:host=h;Mail:userName=u;Mail:pasword=hunter2-secret")]
    [InlineData("Mail__host", "Mail=imaps://u:hunter2-secret@h;Mail:host=h")]
    [InlineData("certificateFingerprint", "Mail:host=h;Mail:userName=u;Mail:password=hunter2-secret;Mail:certificateFingerprint=12")]
    [InlineData("'Mail'", "Mail=http://u:hunter2-secret@h")]
    [InlineData("'Mail'", "Mail=imaps://u:hunter2-secret@h/INBOX")]
    [InlineData("'Mail'", "Mail=hunter2-secret")]
    [InlineData("'Mail' is missing", "Other=x")]
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

    private static ImapAccount Find(params (string Key, string? Value)[] settings) => Assert.Single(Accounts(settings).Find("Mail", "OnMail"));

    private static ImapAccounts Accounts(params (string Key, string? Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build(), new AccessTokens(new NamingComponents()));
}
