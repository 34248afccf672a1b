using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class MailboxNameTests
{
    [Theory]
    [InlineData("Ann@example.org@mail.example.org:993/Archive/2026", Kinship.Itself)]
    [InlineData("ann@example.org@mail.example.org/Archive/2026", Kinship.Mailbox)]
    [InlineData("ANN@example.org@mail.example.org:143/Archive/2026", Kinship.Mailbox)]
    [InlineData("ann@example.org@10.0.0.4:993/Archive/2026", Kinship.User)]
    [InlineData("ann@example.org@mail.example.org.evil:993/Archive/2026", Kinship.User)]
    [InlineData("ann@mail.example.org:993/Archive/2026", Kinship.Folder)]
    [InlineData("ann@example.org@mail.example.org:993/2026", Kinship.None)]
    [InlineData("ann@example.org@mail.example.org:993/Old/Archive/2026", Kinship.None)]
    [InlineData("ann@example.org@mail.example.org:993/INBOX", Kinship.None)]
    [InlineData("/Archive/2026", Kinship.None)]
    [InlineData("", Kinship.None)]
    public void A_key_is_known_for_what_it_is(string key, object kinship) =>
        Assert.Equal(kinship, new MailboxName("Ann@example.org", "Mail.Example.org", 993, "Archive/2026").KinshipOf(key));

    [Theory]
    [InlineData("ann@::1/INBOX", Kinship.Mailbox)]
    [InlineData("ann@::1:993/INBOX", Kinship.Itself)]
    [InlineData("ann@::1:143/INBOX", Kinship.Mailbox)]
    [InlineData("ann@::2:993/INBOX", Kinship.User)]
    public void An_address_with_colons_is_no_port(string key, object kinship) => Assert.Equal(kinship, new MailboxName("ann", "[::1]", 993, "inbox").KinshipOf(key));

    // user@host/other-user is how Exchange names a shared mailbox.
    [Fact]
    public void A_user_may_have_a_slash() =>
        Assert.Equal(Kinship.User, new MailboxName("ann@corp.example/shared", "new", 993, "INBOX").KinshipOf("ann@corp.example/shared@old/INBOX"));
}
