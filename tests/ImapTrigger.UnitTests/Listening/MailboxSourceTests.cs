using ImapTrigger.Listening;

namespace ImapTrigger.UnitTests.Listening;

public sealed class MailboxSourceTests
{
    [Fact]
    public void A_key_says_nothing_of_port_and_case() => Assert.Equal(["ann@h/INBOX", "bob@h/INBOX"], Keys(Account("Ann", "H", 993), Account("bob", "h", 143)));

    [Fact]
    public void Two_users_that_differ_in_case_only_are_told_apart_as_some_servers_do() =>
        Assert.Equal(["ann@h/INBOX", "Ann@h/INBOX", "bob@h/INBOX"], Keys(Account("ann", "h", 993), Account("Ann", "h", 993), Account("bob", "h", 993)));

    [Fact]
    public void Two_servers_behind_one_host_are_told_apart_by_the_port() =>
        Assert.Equal(["Ann@h/INBOX", "ann@h:1143/INBOX", "ann@h:2143/INBOX"], Keys(Account("Ann", "h", 1143), Account("ann", "h", 1143), Account("ann", "H", 2143)));

    [Theory]
    [InlineData("H.", 993)]
    [InlineData("h", 143)]
    public void A_mailbox_that_is_there_twice_is_one_with_the_key_that_it_has_alone(string host, int port)
    {
        var twice = new List<MailboxSource>();
        Assert.Equal("ann@h/INBOX", Assert.Single(MailboxSource.Of([Account("ann", "h", 993), Account("ann", host, port)], "inbox", twice.Add)).Key);
        Assert.Equal(port, Assert.Single(twice).Account.Port);
    }

    [Fact]
    public void Only_who_needs_it_has_a_namesake() =>
        Assert.Equal([false, true, false], MailboxSource.Of([Account("ann", "h", 993), Account("Ann", "h", 993), Account("Bob", "h", 993)], "INBOX").Select(source => source.HasNamesake));

    private static ImapMailbox Account(string user, string host, int port) => new() { Account = new ImapAccount { UserName = user, Host = host, Port = port, Password = "p" } };

    private static IEnumerable<string> Keys(params ImapMailbox[] accounts) => MailboxSource.Of(accounts, "inbox").Select(source => source.Key);
}
