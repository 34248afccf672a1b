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
        var account = Find(("Imap:host", "localhost"), ("Imap:userName", "u"), ("Imap:password", Secret), ("Imap:port", port), ("Imap:security", security));
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
    [InlineData("authentication", "kerberos", "Imap__authentication' must be password, oauth2 or tokenProvider")]
    [InlineData("clientSecret", Secret, "Imap__clientSecret' needs Imap__authentication = oauth2")]
    [InlineData("authentication", "oauth2", "Imap__password' contradicts Imap__authentication = oauth2")]
    public void Password_and_token_are_not_mixed(string key, string value, string problem)
    {
        var error = Assert.Throws<SettingsException>(() => Find(("Imap:host", "h"), ("Imap:userName", "ann"), ("Imap:password", Secret), ($"Imap:{key}", value)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_that_Azure_could_not_resolve_is_no_password()
    {
        var error = Assert.Throws<SettingsException>(() => Find(("Imap:host", "h"), ("Imap:userName", "ann"), ("Imap:password", "@Microsoft.KeyVault(SecretUri=https://v.example.org/secrets/mail)")));
        Assert.Contains("'Imap__password' is a Key Vault reference that has not been resolved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_not_sent_readable()
    {
        var error = Assert.Throws<SettingsException>(() => Find(("Imap:host", "mail.example.org"), ("Imap:userName", "ann"), ("Imap:authentication", "oauth2"), ("Imap:security", "none")));
        Assert.Contains("Imap__security' = none would send the access token readable", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.example.org")]
    [InlineData("192.0.2.7")]
    [InlineData("::ffff:192.0.2.7")]
    [InlineData("localhost.example.org")]
    [InlineData("fe80::1%lo")]
    public void A_password_is_not_sent_readable_to_another_machine_unless_that_is_allowed(string host)
    {
        (string, string?)[] settings = [("Imap:host", host), ("Imap:userName", "ann"), ("Imap:password", Secret), ("Imap:security", "none")];
        var problem = Problems(settings);
        Assert.Contains("'Imap__security' = none would send the password readable across the network", problem, StringComparison.Ordinal);
        Assert.Contains("use tls or startTls", problem, StringComparison.Ordinal);
        Assert.Contains("set Imap__allowPlainText = true", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problem, StringComparison.Ordinal);
        Assert.Contains("across the network", Problems([.. settings, ("Imap:allowPlainText", "false")]), StringComparison.Ordinal);
        Assert.True(Find([.. settings, ("Imap:allowPlainText", "True")]).AllowPlainText);
        // In a list it is the same.
        Assert.Contains("'Imap__0__security'", Problems([.. settings.Select(setting => (setting.Item1.Replace("Imap:", "Imap:0:", StringComparison.Ordinal), setting.Item2))]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("[::1]")]
    [InlineData("::ffff:127.0.0.1")]
    public void To_this_machine_it_may_be_sent_readable(string host) =>
        Assert.Equal(ImapSecurity.None, Find(("Imap:host", host), ("Imap:userName", "ann"), ("Imap:password", Secret), ("Imap:security", "none")).EffectiveSecurity);

    [Theory]
    [InlineData("imap://ann:secret@mail.example.org")]
    [InlineData("imap://ann:secret@mail.example.org:1143")]
    [InlineData("imaps://ann:secret@mail.example.org:143")]
    public void A_url_never_means_without_TLS(string url) => Assert.NotEqual(ImapSecurity.None, Find(("Imap", url)).EffectiveSecurity);

    [Theory]
    [InlineData("allowPlainText", "maybe", "must be true or false")]
    [InlineData("caCertificate", "/nowhere/ca.pem", "names a file that cannot be read")]
    [InlineData("caCertificate", "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----", "holds no certificate")]
    [InlineData("caCertificate", "-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----", "holds no certificate")]
    public void What_cannot_be_read_is_said(string key, string value, string problem)
    {
        var said = Problems(("Imap:host", "mail.example.org"), ("Imap:userName", "ann"), ("Imap:password", Secret), ($"Imap:{key}", value));
        Assert.Contains($"Imap__{key}' {problem}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("MAAA", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_authority_and_a_pinned_certificate_contradict_each_other()
    {
        (string, string?)[] settings = [("Imap:host", "localhost"), ("Imap:userName", "ann"), ("Imap:password", Secret), ("Imap:caCertificate", "/ca.pem")];
        Assert.Contains("Imap__caCertificate' contradicts certificateFingerprint", Problems([.. settings, ("Imap:certificateFingerprint", new string('A', 64))]), StringComparison.Ordinal);
        Assert.Contains("Imap__caCertificate' contradicts security = none", Problems([.. settings, ("Imap:security", "none")]), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_text_is_of_a_password() => Assert.Contains(
        "Imap__allowPlainText' contradicts Imap__authentication = oauth2",
        Problems(("Imap:host", "mail.example.org"), ("Imap:userName", "ann"), ("Imap:authentication", "oauth2"), ("Imap:security", "none"), ("Imap:allowPlainText", "true")), StringComparison.Ordinal);

    [Theory]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("[0:0:0:0:0:0:0:1]", "::1")]
    [InlineData("[2001:DB8::25]", "2001:db8::25")]
    [InlineData("[fe80::1%eth0]", "fe80::1%eth0")]
    [InlineData(" imap.example.org ", "imap.example.org")]
    [InlineData("imap_server", "imap_server")]
    [InlineData("b\u00fccher.example", "xn--bcher-kva.example")]
    public void A_host_is_what_sockets_and_TLS_want(string setting, string host)
    {
        var account = Find(("Imap:host", setting), ("Imap:userName", "u"), ("Imap:password", Secret));
        Assert.Equal(host, account.Host);
        Assert.Equal(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:993" : $"{host}:993", account.Endpoint);
    }

    [Theory]
    [InlineData("imaps://u:p@[::1]:1993", "[::1]:1993")]
    [InlineData("imaps://u:p@[0:0::1]", "[::1]:993")]
    [InlineData("imap://u:p@[fe80::1%25eth0]", "[fe80::1%eth0]:143")]
    public void An_IPv6_address_may_stand_in_a_url(string url, string endpoint) => Assert.Equal(endpoint, Find(("Imap", url)).Endpoint);

    [Theory]
    [InlineData("imap.example.org:993")]
    [InlineData("[::1]:993")]
    [InlineData("imaps://imap.example.org")]
    [InlineData("imap.example.org/INBOX")]
    [InlineData("[imap.example.org]")]
    [InlineData("ann@imap.example.org")]
    [InlineData("two words")]
    public void A_host_with_more_than_the_host_is_refused(string host) =>
        Assert.Contains("Imap__host' must be a host name or an IP address alone", Problems(("Imap:host", host), ("Imap:userName", "u"), ("Imap:password", Secret)), StringComparison.Ordinal);

    /// <summary>f08: shells set MAIL, and names are compared without case.</summary>
    [Theory]
    [InlineData("/var/mail/ann")]
    [InlineData("~/Maildir")]
    [InlineData(@"C:\Mail")]
    [InlineData("maildir:Mail")]
    [InlineData("yes")]
    public void A_value_that_is_no_url_beside_single_settings_is_a_shell_s(string value)
    {
        Assert.Equal("h", Find(("Imap", value), ("Imap:host", "h"), ("Imap:userName", "u"), ("Imap:password", Secret)).Host);
        var list = Accounts(("Imap", value), ("Imap:0", "imaps://a:b@first"), ("Imap:1:host", "second"), ("Imap:1:userName", "u"), ("Imap:1:password", Secret)).Find("Imap", "OnMail");
        Assert.Equal(["first", "second"], list.Mailboxes.Select(mailbox => mailbox.Account.Host));
    }

    [Theory]
    [InlineData("/var/mail/ann")]
    [InlineData("~/Maildir")]
    [InlineData(@"C:\Mail")]
    public void A_path_alone_is_as_if_it_were_not_there(string path) => Assert.Contains("'Imap' is missing: its value is a path", Problems(("Imap", path)), StringComparison.Ordinal);

    [Fact]
    public void A_shell_s_value_does_not_hide_the_url_of_another_source()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Imap", "imaps://a:b@of-the-file")])
            .AddInMemoryCollection([new("IMAP", "/var/mail/ann")]).Build();
        Assert.Equal("of-the-file", Assert.Single(new ImapAccounts(configuration, NamingComponents.Tokens()).Find("Imap", "OnMail").Mailboxes).Account.Host);
    }

    [Fact]
    public void A_shell_s_value_does_not_hide_the_url_beside_it_in_the_environment()
    {
        // Two variables on Linux, one setting in .NET, and which of the two it is changes from run to run.
        var name = $"Of{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(name, "imaps://a:b@of-the-user");
        Assert.Equal("of-the-user", Assert.Single(Accounts((name, "/var/mail/ann")).Find(name, "OnMail").Mailboxes).Account.Host);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var problems = Problems(
            ("Imap:hots", "h"), ("Imap:port", "0"), ("Imap:security", "ssl"), ("Imap:userName", "u"), ("Imap:certificateFingerprint", "12"), ("Imap:authentication", "kerberos"), ("Imap:password:x", Secret));
        Assert.All(["'Imap__hots'", "'Imap__host'", "'Imap__port'", "'Imap__security'", "'Imap__certificateFingerprint'", "'Imap__authentication'", "'Imap__password'"], name => Assert.Contains(name, problems, StringComparison.Ordinal));
        Assert.Equal(7, problems.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void When_all_of_a_list_are_wrong_all_mistakes_are_told() =>
        Assert.Equal(
            2, Problems(("Imap:0", "http://u:p@h"), ("Imap:2:host", "h"), ("Imap:2:userName", "u")).Split(Environment.NewLine).Count(line => line.Contains("'Imap__0'", StringComparison.Ordinal) || line.Contains("'Imap__2__password'", StringComparison.Ordinal)));

    [Fact]
    public void A_single_mailbox_and_a_list_are_not_mixed() =>
        Assert.Contains(
            "'Imap__userName' is of a single mailbox, but there is a list beside it",
            Problems(("Imap:host", "h"), ("Imap:userName", "u"), ("Imap:password", Secret), ("Imap:0:host", "h")), StringComparison.Ordinal);

    [Theory]
    [InlineData("Imap:host:name", "'Imap__host' is one value, but there is Imap__host__name")]
    [InlineData("Imap:password:0", "'Imap__password' is one value, but there is Imap__password__0")]
    public void A_value_that_is_nested_is_explained(string key, string problem)
    {
        var settings = new Dictionary<string, string?> { ["Imap:host"] = "h", ["Imap:userName"] = "u", ["Imap:password"] = Secret };
        settings.Remove(key[..key.LastIndexOf(':')]);
        settings[key] = "x";
        Assert.Equal($"[ImapIdleTrigger] of function 'OnMail': the app setting {problem}.", Problems([.. settings.Select(setting => (setting.Key, setting.Value))]));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("tls,startTls")]
    public void Security_is_one_of_four_words(string security) =>
        Assert.Contains("'Imap__security' must be auto, tls, startTls or none", Problems(("Imap:host", "h"), ("Imap:userName", "u"), ("Imap:password", Secret), ("Imap:security", security)), StringComparison.Ordinal);

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
        var error = Assert.Throws<SettingsException>(() => Find(pairs));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("OnMail", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("socks5://ann:p%40ss@proxy:1081", "socks5://ann:p%40ss@proxy:1081/", false)]
    [InlineData("http://proxy:3128", "http://proxy:3128/", false)]
    [InlineData("Environment", null, true)]
    [InlineData(null, null, false)]
    public void A_proxy_is_taken_by_its_address_or_from_the_environment(string? value, string? proxy, bool system)
    {
        var account = Find(("Imap:host", "h"), ("Imap:userName", "u"), ("Imap:password", Secret), ("Imap:proxy", value));
        Assert.Equal((proxy, system), (account.Proxy?.AbsoluteUri, account.UseSystemProxy));
        Assert.Equal(value?.Contains('@') == true ? ["p%40ss", "p@ss"] : [], account.Secrets.Words);
        Assert.DoesNotContain("p%40ss", account.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy:3128")]
    [InlineData("ftp://proxy")]
    [InlineData("http://proxy:3128/path")]
    public void A_proxy_that_is_none_is_refused_without_repeating_it(string value)
    {
        var said = Problems(("Imap:host", "h"), ("Imap:userName", "u"), ("Imap:password", Secret), ("Imap:proxy", value));
        Assert.Contains("'Imap__proxy' must be http://host:port", said, StringComparison.Ordinal);
        Assert.DoesNotContain(value, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_url_in_the_attribute_is_refused_without_repeating_it()
    {
        var error = Assert.Throws<SettingsException>(() => Accounts().Find($"imaps://u:{Secret}@h", "OnMail"));
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_never_prints_its_password() =>
        Assert.DoesNotContain(Secret, new ImapAccount { Host = "h", UserName = "u", Password = Secret }.ToString(), StringComparison.Ordinal);

    private static string Problems(params (string Key, string? Value)[] settings) => Assert.Throws<SettingsException>(() => Accounts(settings).Find("Imap", "OnMail")).ToString();

    private static ImapAccount Find(params (string Key, string? Value)[] settings) => Assert.Single(Accounts(settings).Find("Imap", "OnMail").Mailboxes).Account;

    private static ImapAccounts Accounts(params (string Key, string? Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build(), NamingComponents.Tokens());
}
