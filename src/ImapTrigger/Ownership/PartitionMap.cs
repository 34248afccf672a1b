using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ImapTrigger.Ownership;

/// <summary>Which partition a mailbox belongs to: a hash of its key that is the same on every instance, for ever.</summary>
internal static class PartitionMap
{
    /// <summary>The key of a mailbox: one account and one folder on one server. Hosts are compared without case.</summary>
    public static string KeyOf(string userName, string host, int port, string folder) =>
        $"{userName}@{host.ToLowerInvariant()}:{port}/{(IsInbox(folder) ? "INBOX" : folder)}";

    public static int PartitionOf(string mailboxKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(mailboxKey));
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(hash) % PartitionState.Count);
    }

    // RFC 9051, 5.1: INBOX is the one name that is compared without case.
    private static bool IsInbox(string folder) => folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase);
}
