using System.Text;

namespace ImapTrigger;

/// <summary>One folder may be written in several ways; which of them mean the same can be told without a server for some.</summary>
internal static class FolderName
{
    private const string Inbox = "INBOX";

    /// <summary>Whether both names mean one folder on any server; that they do not says nothing, for only the server knows its aliases.</summary>
    public static bool AreSame(string a, string b) => Composed(Canonical(a)) == Composed(Canonical(b));

    /// <summary>The one form for what is known to be the same everywhere: as text, without a separator at its end, INBOX in capitals (RFC 9051, 5.1).</summary>
    public static string Canonical(string name)
    {
        var text = Decode(name).TrimEnd('/');
        // Of INBOX's children, too, servers take the first part without case.
        return text.StartsWith(Inbox, StringComparison.OrdinalIgnoreCase) && (text.Length == Inbox.Length || text[Inbox.Length] is '/' or '.') ? Inbox + text[Inbox.Length..] : text;
    }

    /// <summary>A name that is given as it goes over the wire, in modified UTF-7 (RFC 3501, 5.1.3: <c>Entw&amp;APw-rfe</c>), as text; any other as it is.</summary>
    public static string Decode(string name)
    {
        if (!name.Contains('&', StringComparison.Ordinal) || name.Any(c => c is < ' ' or > '~'))
            return name;
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '&')
            {
                text.Append(name[i]);
                continue;
            }

            var end = name.IndexOf('-', i);
            if (end < 0 || Shifted(name[(i + 1)..end]) is not { } part)
                return name;
            text.Append(part);
            i = end;
        }

        return text.ToString();
    }

    /// <summary>The same letters in their composed form (NFC), where the runtime can: without ICU it cannot, so nothing that lasts may depend on it.</summary>
    public static string Composed(string text)
    {
        try
        {
            return text.Normalize();
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair: it is what it is.
            return text;
        }
    }

    /// <summary>What stands between <c>&amp;</c> and <c>-</c>; null when no server would write so, and the ampersand is one.</summary>
    private static string? Shifted(string encoded)
    {
        if (encoded.Length == 0)
            return "&";
        if (encoded.Contains('/', StringComparison.Ordinal) || encoded.Length % 4 == 1)
            return null;
        try
        {
            var bytes = Convert.FromBase64String(encoded.Replace(',', '/').PadRight((encoded.Length + 3) / 4 * 4, '='));
            var text = new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true).GetString(bytes);
            return text.Length > 0 && text.All(c => c is < ' ' or > '~') ? text : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
