using System.Text;
using System.Text.Unicode;
using MimeKit;

namespace ImapTrigger.Imap.Guards;

/// <summary>A field of a message's header, in the header's order.</summary>
/// <param name="name">Its name, in any case.</param>
/// <param name="bytes">Its value as it came.</param>
internal readonly struct HeaderField(string name, byte[] bytes)
{
    public string Name { get; } = name;

    /// <summary>
    /// Its value as it was sent, folds taken out. Encoded words are not decoded, so that what they hold is never taken for syntax. Made when it is asked for: of most
    /// fields, those that say Received, it never is.
    /// </summary>
    public string Raw => Header.Unfold(Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes));

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
