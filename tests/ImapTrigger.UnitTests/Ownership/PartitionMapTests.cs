using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class PartitionMapTests
{
    [Fact]
    public void User_host_and_inbox_are_compared_without_case_but_other_folders_are_not()
    {
        Assert.Equal(PartitionMap.KeyOf("Ann", "Mail.Example.org.", "inbox"), PartitionMap.KeyOf("ann", "mail.example.org", "INBOX"));
        Assert.Equal(PartitionMap.KeyOf("ann", "[::1]", "Entw&APw-rfe"), PartitionMap.KeyOf("ann", "::1", "Entwürfe/"));
        Assert.NotEqual(PartitionMap.KeyOf("ann", "h", "Archive"), PartitionMap.KeyOf("ann", "h", "archive"));
    }

    // First four bytes of the key's SHA-256, big-endian, modulo 32 (computed with sha256sum). These numbers stand in users' storage: if this test fails, every mailbox looks for its cursor in vain.
    [Theory]
    [InlineData("ann@mail.example.org:993/INBOX", 7)]
    [InlineData("bob@mail.example.org:993/INBOX", 1)]
    public void The_partition_of_a_mailbox_never_changes(string key, int partition) => Assert.Equal(partition, PartitionMap.PartitionOf(key));
}
