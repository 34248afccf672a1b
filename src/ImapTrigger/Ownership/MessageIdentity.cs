using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImapTrigger.Ownership;

/// <summary>What a message is known again by under another UID. Never the Message-ID alone: devices use one for all that they send.</summary>
internal static class MessageIdentity
{
    /// <summary>Of one length, whatever the sender wrote.</summary>
    public static string Of(string? messageId, long? size, DateTimeOffset? internalDate) =>
        Convert.ToBase64String(Hash(string.Create(CultureInfo.InvariantCulture, $"{size} {internalDate?.ToUnixTimeSeconds()} {messageId}")).AsSpan(0, 6));

    public static string Of(ImapEvent message) => Of(message.MessageId, message.Size, message.InternalDate);

    /// <summary>The Message-ID alone, for a message whose UID is known too. Records of version 1 have it in place of the identity.</summary>
    public static string OfMessageId(string messageId) => Convert.ToBase64String(Hash(messageId).AsSpan(0, 9));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
