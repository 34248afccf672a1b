using ImapTrigger.Imap;

namespace ImapTrigger.UnitTests.Imap;

public sealed class ImapLoginTests
{
    private static readonly HashSet<string> Seven = ["GSSAPI", "NTLM", "DIGEST-MD5", "CRAM-MD5", "SCRAM-SHA-1", "PLAIN", "LOGIN"];

    [Theory]
    [InlineData(true, "SCRAM-SHA-1,PLAIN,LOGIN,,CRAM-MD5,DIGEST-MD5")]
    [InlineData(false, "SCRAM-SHA-1,CRAM-MD5,DIGEST-MD5,PLAIN,LOGIN,")]
    public void The_best_comes_first_and_nothing_that_uses_this_machine_s_account(bool isEncrypted, string ways) =>
        Assert.Equal(ways.Split(','), ImapLogin.PasswordMechanisms(Seven, isEncrypted, command: true));

    [Fact]
    public void Bound_to_the_channel_where_there_is_one()
    {
        HashSet<string> offered = ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512"];
        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], ImapLogin.PasswordMechanisms(offered, isEncrypted: true, command: false));
        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-256"], ImapLogin.PasswordMechanisms(offered, isEncrypted: false, command: false));
    }

    [Fact]
    public void Where_LOGIN_is_disabled_and_nothing_is_offered_there_is_no_way()
    {
        Assert.Empty(ImapLogin.PasswordMechanisms(new HashSet<string> { "GSSAPI" }, isEncrypted: true, command: false));
        Assert.Equal(["PLAIN"], ImapLogin.PasswordMechanisms(new HashSet<string> { "plain" }, isEncrypted: true, command: false));
    }

    [Theory]
    [InlineData("XOAUTH2", "XOAUTH2")]
    [InlineData("XOAUTH2,OAUTHBEARER", "OAUTHBEARER,XOAUTH2")]
    [InlineData("OAUTHBEARER", "OAUTHBEARER")]
    [InlineData("", "XOAUTH2")]
    public void A_token_goes_the_standard_way_where_it_is_offered(string offered, string ways) =>
        Assert.Equal(ways.Split(','), ImapLogin.TokenMechanisms(offered.Split(',').ToHashSet()));
}
