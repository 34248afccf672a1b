using MimeKit;

namespace ImapTrigger;

/// <summary>From a message's bytes to the message, wherever they come from.</summary>
internal static class WholeMessage
{
    /// <summary>As deep as Dovecot looks; what nests deeper becomes one part, and no thread's stack is in danger (MimeKit's own limit is 1,024).</summary>
    private const int MaxDepth = 100;

    /// <summary>Reads a message.</summary>
    /// <exception cref="FormatException">The bytes are no message; says so for people.</exception>
    public static MimeMessage Parse(byte[] raw, uint uid)
    {
        if (raw.Length == 0)
            throw new FormatException($"Message {uid} is empty: there is no MimeMessage to be made of it.");
        try
        {
            // Not asynchronously: the bytes are here, and each level would take ten times the stack.
            return MimeMessage.Load(new ParserOptions { MaxMimeDepth = MaxDepth }, new MemoryStream(raw, writable: false));
        }
        catch (FormatException e)
        {
            throw new FormatException($"Message {uid} cannot be read as a message (RFC 5322): {e.Message.TrimEnd('.')}. Its {raw.Length} bytes can be had as they are: byte[], Stream or BinaryData.", e);
        }
    }
}
