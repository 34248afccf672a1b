using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ImapTrigger.Ownership;

/// <summary>Which partition a mailbox belongs to: a hash of its key that is the same on every instance, for ever.</summary>
internal static class PartitionMap
{
    /// <summary>
    /// The key of a mailbox: one account and one folder on one server. Not the port, which says only how it is reached; and without case, which
    /// hardly a server distinguishes in a user's name and none in a host's.
    /// </summary>
    public static string KeyOf(string userName, string host, string folder) => $"{userName.ToLowerInvariant()}@{HostOf(host)}/{FolderName.Canonical(folder)}";

    public static int PartitionOf(string mailboxKey) => SharedOf(OwnPartitionOf(mailboxKey));

    /// <summary>
    /// The partition that a mailbox has for itself when those who want the shared one do not have the same mailboxes there. It is the mailbox's number, too: short, and
    /// without a name in it.
    /// </summary>
    public static int OwnPartitionOf(string mailboxKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(mailboxKey));
        var number = (int)(BinaryPrimitives.ReadUInt32BigEndian(hash) & int.MaxValue);
        return IsShared(number) ? number + PartitionState.Count : number;
    }

    /// <summary>A host as it is compared: without case, without the dot that ends a whole name, an address without its brackets.</summary>
    public static string HostOf(string host) => host.Trim().TrimEnd('.').Trim('[', ']').ToLowerInvariant();

    /// <summary>The shared partition of a mailbox, by its number.</summary>
    public static int SharedOf(int mailbox) => mailbox % PartitionState.Count;

    public static bool IsShared(int partition) => partition < PartitionState.Count;
}
