using System.Text;
using ImapTrigger.Imap;
using ImapTrigger.Imap.Guards;
using MimeKit;

namespace ImapTrigger.UnitTests.Imap.Guards;

internal static class Fields
{
    /// <summary>A header's fields as they come from a server: taken apart by MimeKit.</summary>
    public static IReadOnlyList<HeaderField> Of(string header)
    {
        var text = header.Replace("\r\n\t", "\n\t", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        return RawHeaders.FieldsOf(HeaderList.Load(new MemoryStream(Encoding.UTF8.GetBytes(text + "\r\n\r\n"))));
    }
}
