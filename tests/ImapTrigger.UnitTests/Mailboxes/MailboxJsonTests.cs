using System.Text;
using ImapTrigger.Connections;
using ImapTrigger.Mailboxes;
using ImapTrigger.UnitTests.Connections;
using Microsoft.Extensions.Configuration;

namespace ImapTrigger.UnitTests.Mailboxes;

/// <summary>A list of mailboxes as JSON that somebody else may write.</summary>
public sealed class MailboxJsonTests
{
    private const string Password = "hunter2-secret";

    private static readonly IConfigurationRoot Settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Customers:host"] = "of-the-app", ["Customers:secrets:ann"] = Password, ["AzureWebJobsStorage"] = "AccountKey=of-the-app",
    }).Build();

    [Fact]
    public void Defaults_are_the_blob_s_then_the_app_s()
    {
        var found = Read("""
            { "security": "startTls", "mailboxes": [
                { "userName": "ann", "passwordSetting": "ann", "tag": "tenant-17" },
                { "userName": "bob", "passwordSetting": "ann", "host": "of-bob", "port": 1143, "folder": "Support" } ] }
            """);
        Assert.Empty(found.Wrong);
        Assert.Equal(
            [("ann", "of-the-app", 143, null, "tenant-17"), ("bob", "of-bob", 1143, "Support", null)],
            found.Mailboxes.Select(mailbox => (mailbox.Account.UserName, mailbox.Account.Host, mailbox.Account.EffectivePort, mailbox.Folder, mailbox.Tag)));
        Assert.All(found.Mailboxes, mailbox => Assert.Equal((Password, ImapSecurity.StartTls), (mailbox.Account.Password, mailbox.Account.Security)));
    }

    [Fact]
    public void An_empty_list_is_one() => Assert.Equal((0, 0), (Read("""{ "mailboxes": [] }""").Mailboxes.Count, Read("""{ "mailboxes": [], }""").Wrong.Count));

    /// <summary>Who writes the blob also says to which host a password goes.</summary>
    [Theory]
    [InlineData("AzureWebJobsStorage")]
    [InlineData("..:AzureWebJobsStorage")]
    [InlineData("")]
    public void A_password_lies_below_the_set_s_own_settings_or_nowhere(string name)
    {
        var found = Read($$"""{ "mailboxes": [ { "userName": "eve", "host": "evil", "passwordSetting": "{{name}}" } ] }""");
        Assert.Empty(found.Mailboxes);
        Assert.Contains($"'mailboxes[0].passwordSetting' needs the app setting 'Customers__secrets__{name}', which is missing or empty.", found.Wrong);
    }

    [Theory]
    [InlineData("""{ "userName": "ann", "password": "hunter2-secret" }""", "'mailboxes[1].password' is a secret, which does not belong into a blob")]
    [InlineData("""{ "userName": "ann", "clientSecret": "hunter2-secret" }""", "'mailboxes[1].clientSecret' is a secret")]
    [InlineData("""{ "userName": "ann", "authentication": "oauth2", "refreshToken": "hunter2-secret" }""", "'mailboxes[1].refreshToken' is a secret, which does not belong into a blob: put it into the app setting 'Customers__refreshToken'")]
    [InlineData("""{ "userName": "ann", "authentication": "oauth2", "serviceAccountKey": "/etc/hunter2-secret" }""", "'mailboxes[1].serviceAccountKey' is a secret")]
    [InlineData("""{ "userName": "ann", "authentication": "oauth2", "tokenEndpoint": "https://evil" }""", "'mailboxes[1].tokenEndpoint' says where the app's secrets go")]
    [InlineData("""{ "userName": "ann", "passwordSetting": "ann", "proxy": "http://evil:1" }""", "'mailboxes[1].proxy' says where the app's secrets go")]
    [InlineData("""{ "userName": "ann", "passwordSetting": "ann", "hots": "h" }""", "'mailboxes[1].hots' is not known")]
    [InlineData("""{ "userName": "ann", "passwordSetting": "ann", "port": "many" }""", "'mailboxes[1].port' must be a number")]
    [InlineData("""{ "userName": ["ann"], "passwordSetting": "ann" }""", "'mailboxes[1].userName' is one value, and no array")]
    [InlineData("""{ "userName": "ann" }""", "'mailboxes[1].passwordSetting' is missing or empty")]
    [InlineData("\"imaps://u:hunter2-secret@h\"", "mailboxes[1] is no object")]
    [InlineData("null", "mailboxes[1] is no object")]
    public void A_mistake_in_one_is_told_with_its_place_and_no_secret(string entry, string problem)
    {
        var found = Read($$"""{ "mailboxes": [ { "userName": "u0", "passwordSetting": "ann" }, {{entry}} ] }""");
        Assert.Equal("u0", Assert.Single(found.Mailboxes).Account.UserName);
        Assert.Contains(found.Wrong, wrong => wrong.Contains(problem, StringComparison.Ordinal));
        Assert.All(found.Wrong, wrong => Assert.DoesNotContain(Password, wrong, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "no JSON that can be read: line 1")]
    [InlineData("{ \"mailboxes\": [\n { \"userName\": \"ann\", ", "no JSON that can be read: line 2")]
    [InlineData("[]", "an object with a list")]
    [InlineData("{}", "an object with a list")]
    [InlineData("""{ "mailboxes": {} }""", "an object with a list")]
    [InlineData("""{ "hots": "h", "mailboxes": [] }""", "'hots' is not known")]
    [InlineData("""{ "userName": "ann", "mailboxes": [] }""", "'userName' is of a single mailbox")]
    [InlineData("""{ "password": "hunter2-secret", "mailboxes": [] }""", "'password' is a secret")]
    [InlineData("""{ "mailboxes": [[[[[[[[[[[[]]]]]]]]]]]] }""", "no JSON that can be read")]
    public void What_is_broken_as_a_whole_is_no_list(string json, string problem)
    {
        var told = Assert.Throws<InvalidOperationException>(() => Read(json)).Message;
        Assert.Contains(problem, told, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_none_of_it() => Assert.Empty(Read("\uFEFF{ \"mailboxes\": [] }").Mailboxes);

    private static MailboxList Read(string json)
    {
        var section = Settings.GetSection("Customers");
        var defaults = SettingGroups.Of(section, section.GetChildren().Where(child => child.Key != "secrets"));
        return new MailboxJson(NamingComponents.Tokens(), defaults, new Secrets(section.GetSection("secrets"))).Read(Encoding.UTF8.GetBytes(json));
    }
}
