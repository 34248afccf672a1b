using System.Globalization;
using ImapTrigger.Connections;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.UnitTests.Connections;

/// <summary>A list of mailboxes among the app settings, and what is written once for all of them.</summary>
public sealed class MailboxListTests
{
    private const string Secret = "hunter2-secret";

    [Theory]
    [InlineData("Imap:")]
    [InlineData("Imap:mailboxes:")]
    public void What_is_written_once_holds_for_all_and_each_may_differ(string list)
    {
        var found = Find(
            ("Imap:host", "mail.example.org"), ("Imap:security", "startTls"), ("Imap:folder", "Support"), ("Imap:password", Secret), ("Imap:tag", "all"),
            ($"{list}0:userName", "ann"), ($"{list}1:userName", "bob"), ($"{list}1:host", "other"), ($"{list}1:security", "tls"), ($"{list}1:folder", "INBOX"), ($"{list}1:tag", "of-bob"));
        Assert.Empty(found.Wrong);
        Assert.Equal(
            [("ann", "mail.example.org", ImapSecurity.StartTls, "Support", "all"), ("bob", "other", ImapSecurity.Tls, "INBOX", "of-bob")],
            found.Mailboxes.Select(mailbox => (mailbox.Account.UserName, mailbox.Account.Host, mailbox.Account.Security, mailbox.Folder!, mailbox.Tag!)));
        Assert.All(found.Mailboxes, mailbox => Assert.Equal(Secret, mailbox.Account.Password));
    }

    [Fact]
    public async Task One_identity_for_all_is_asked_as_one_and_a_mailbox_may_have_a_password_nevertheless()
    {
        var found = Find(
            ("Imap:host", "h"), ("Imap:authentication", "oauth2"), ("Imap:tenantId", "t"), ("Imap:clientId", "c"), ("Imap:mailboxes:0:userName", "ann"), ("Imap:mailboxes:1:userName", "bob"),
            ("Imap:mailboxes:2:userName", "cy"), ("Imap:mailboxes:2:authentication", "password"), ("Imap:mailboxes:2:password", Secret));
        Assert.Empty(found.Wrong);
        Assert.Same(found.Mailboxes[0].Account.AccessToken, found.Mailboxes[1].Account.AccessToken);
        Assert.StartsWith("t/c/", await found.Mailboxes[0].Account.AccessToken!(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((Secret, null), (found.Mailboxes[2].Account.Password, found.Mailboxes[2].Account.AccessToken));
    }

    [Fact]
    public void A_url_takes_from_the_set_what_it_does_not_say()
    {
        var pin = new string('A', 64);
        var found = Find(("Imap:certificateFingerprint", pin), ("Imap:host", "elsewhere"), ("Imap:0", "imaps://ann:secret@mail.example.org"), ("Imap:0:tag", "t"));
        Assert.Equal(("mail.example.org", pin, "t"), (Assert.Single(found.Mailboxes).Account.Host, found.Mailboxes[0].Account.CertificateFingerprint, found.Mailboxes[0].Tag));
    }

    [Theory]
    [InlineData("Imap:mailboxes:1:port", "0", "'Imap__mailboxes__1__port' must be a number")]
    [InlineData("Imap:mailboxes:1:hots", "h", "'Imap__mailboxes__1__hots' is not known")]
    [InlineData("Imap:mailboxes:1:host:name", "h", "'Imap__mailboxes__1__host' is one value, but there is Imap__mailboxes__1__host__name")]
    [InlineData("Imap:mailboxes:1:userName", " ", "'Imap__mailboxes__1__userName' is missing or empty")]
    [InlineData("Imap:mailboxes:1:tag", "two\nlines", "'Imap__mailboxes__1__tag' must be at most 64 characters")]
    [InlineData("Imap:mailboxes:1:userName", "bob\r\nfail: all is lost", "'Imap__mailboxes__1__userName' must not have a control character")]
    [InlineData("Imap:mailboxes:1:folder", "a\nb", "'Imap__mailboxes__1__folder' must not have a control character")]
    [InlineData("Imap:mailboxes:1", "imap://h", "'Imap__mailboxes__1'")]
    public void A_mistake_in_one_keeps_none_of_the_others_shut_and_is_told_with_its_number(string key, string value, string problem)
    {
        var found = Find([.. Three, (key, value)]);
        Assert.Equal(["u0", "u2"], found.Mailboxes.Select(mailbox => mailbox.Account.UserName));
        Assert.Contains(problem, Assert.Single(found.Wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_for_all_is_an_error_and_told_once()
    {
        var told = Assert.Throws<SettingsException>(() => Find([.. Three, ("Imap:security", "ssl")])).Mistakes;
        Assert.Equal("the app setting 'Imap__security' must be auto, tls, startTls or none.", Assert.Single(told).Text);
    }

    [Theory]
    [InlineData("Imap:hots", "h", "'Imap__hots' is not known")]
    [InlineData("Imap:userName", "ann", "'Imap__userName' is of a single mailbox")]
    [InlineData("Imap:mailboxes:ann:userName", "ann", "'Imap__mailboxes__ann' is in a list, but has no number there")]
    public void What_is_wrong_with_the_set_is_an_error(string key, string value, string problem) =>
        Assert.Contains(problem, Assert.Throws<SettingsException>(() => Find([.. Three, (key, value)])).Message, StringComparison.Ordinal);

    /// <summary>Each such question goes through all settings that there are: 10,000 mailboxes took 8.7 s.</summary>
    [Theory]
    [InlineData("Imap:")]
    [InlineData("Imap:mailboxes:")]
    public void However_many_mailboxes_there_are_sources_are_asked_for_their_keys_a_few_times_only(string list)
    {
        var few = Count(3);
        Assert.Equal(few, Count(300));

        int Count(int mailboxes)
        {
            var source = new CountingSource([.. Enumerable.Range(0, mailboxes).SelectMany(i => new[] { ($"{list}{i}:host", "h"), ($"{list}{i}:userName", $"u{i}"), ($"{list}{i}:password", Secret) })]);
            var found = Accounts(new ConfigurationBuilder().Add(source).Build()).Find("Imap", "OnMail");
            Assert.Equal(mailboxes, found.Mailboxes.Count);
            return source.Questions;
        }
    }

    [Fact]
    public void A_slip_is_found_also_where_settings_come_by_way_of_another_configuration()
    {
        var inner = new ConfigurationBuilder().AddInMemoryCollection(Pairs([.. Three, ("Imap:mailboxes:1:hots", "h")])).Build();
        var found = Accounts(new ConfigurationBuilder().AddConfiguration(inner).Build()).Find("Imap", "OnMail");
        Assert.Contains("'Imap__mailboxes__1__hots' is not known", Assert.Single(found.Wrong), StringComparison.Ordinal);
        Assert.Equal(2, found.Mailboxes.Count);
    }

    [Fact]
    public void Of_two_sources_the_later_says_what_counts()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Pairs(Three)).AddInMemoryCollection(Pairs([("Imap:mailboxes:1:userName", "later")])).Build();
        Assert.Equal(["u0", "later", "u2"], Accounts(configuration).Find("Imap", "OnMail").Mailboxes.Select(mailbox => mailbox.Account.UserName));
    }

    private static (string Key, string? Value)[] Three =>
    [
        ("Imap:host", "h"), ("Imap:password", Secret), .. Enumerable.Range(0, 3).Select(i => ($"Imap:mailboxes:{i.ToString(CultureInfo.InvariantCulture)}:userName", (string?)$"u{i}")),
    ];

    private static MailboxList Find(params (string Key, string? Value)[] settings) => Accounts(new ConfigurationBuilder().AddInMemoryCollection(Pairs(settings)).Build()).Find("Imap", "OnMail");

    private static IEnumerable<KeyValuePair<string, string?>> Pairs(IEnumerable<(string Key, string? Value)> settings) =>
        settings.GroupBy(setting => setting.Key).Select(same => KeyValuePair.Create(same.Key, same.Last().Value));

    private static ImapAccounts Accounts(IConfiguration configuration) => new(configuration, NamingComponents.Tokens());

    private sealed class CountingSource((string Key, string Value)[] settings) : ConfigurationProvider, IConfigurationSource
    {
        public int Questions { get; private set; }

        public override void Load() => Data = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value, StringComparer.OrdinalIgnoreCase);

        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
        {
            Questions++;
            return base.GetChildKeys(earlierKeys, parentPath);
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
    }
}
