using System.Text;
using MimeKit;

namespace ImapTrigger;

/// <summary>From a message's bytes to the message, wherever they come from; within bounds of stack and time, whatever the sender wrote.</summary>
internal static class WholeMessage
{
    /// <summary>As deep as Dovecot looks; what nests deeper becomes one part, and no thread's stack is in danger (MimeKit's own limit is 1,024).</summary>
    private const int MaxDepth = 100;

    /// <summary>MimeKit's work on parameters grows with the square of their number: a megabyte takes half a minute.</summary>
    private const int MaxContentField = 128 * 1024;

    /// <summary>Reads a message.</summary>
    /// <exception cref="FormatException">The bytes are no message, or not within bounds; says so for people.</exception>
    public static MimeMessage Parse(byte[] raw, uint uid)
    {
        if (raw.Length == 0)
            throw new FormatException($"Message {uid} is empty: there is no MimeMessage to be made of it.");
        if (HasEndlessField(raw))
            throw Unreadable(raw, uid, $"it has a Content- field of more than {MaxContentField} bytes", null);
        try
        {
            // Not asynchronously: the bytes are here, and each level would take ten times the stack.
            return MimeMessage.Load(new ParserOptions { MaxMimeDepth = MaxDepth }, new MemoryStream(raw, writable: false));
        }
        catch (FormatException e)
        {
            throw Unreadable(raw, uid, e.Message.TrimEnd('.'), e);
        }
    }

    private static bool HasEndlessField(ReadOnlySpan<byte> raw)
    {
        while (raw.Length > MaxContentField)
        {
            var length = LineLength(raw);
            if (raw.Length >= 8 && Ascii.EqualsIgnoreCase(raw[..8], "content-"))
            {
                while (length < raw.Length && raw[length] is (byte)' ' or (byte)'\t')
                    length += LineLength(raw[length..]);
                if (length > MaxContentField)
                    return true;
            }

            raw = raw[length..];
        }

        return false;
    }

    private static int LineLength(ReadOnlySpan<byte> raw) => raw.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : raw.Length;

    private static FormatException Unreadable(byte[] raw, uint uid, string why, Exception? e) =>
        new($"Message {uid} cannot be read as a message (RFC 5322): {why}. Its {raw.Length} bytes can be had as they are: byte[], Stream or BinaryData.", e);
}
