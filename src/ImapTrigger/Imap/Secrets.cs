using System.Net;
using System.Text;
using System.Text.Json;

namespace ImapTrigger.Imap;

/// <summary>
/// An account's secrets, in every form in which they cross the wire or a server may repeat them: as they are, quoted, escaped, and within base64 (the answers of
/// SASL's PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER; RFC 4616, RFC 7628), also cut off.
/// </summary>
internal sealed class Secrets
{
    private const string Hidden = "***";

    /// <summary>So much of a longer form in a row gives it away: who repeats a command may cut it off.</summary>
    private const int Part = 16;

    /// <summary>A shorter piece of base64 could be a word.</summary>
    private const int MinBase64 = 8;

    private readonly Dictionary<int, HashSet<string>> _texts = [];
    private readonly Dictionary<int, HashSet<string>> _base64 = [];

    /// <param name="secret">A password or an access token.</param>
    /// <param name="userName">Whose; part of what is sent.</param>
    public void Add(string secret, string userName)
    {
        string[] forms =
        [
            secret,
            secret.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
            Uri.EscapeDataString(secret),
            WebUtility.HtmlEncode(secret),
            JsonEncodedText.Encode(secret).ToString(),
            // Where UTF-8 is taken for Latin-1.
            Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(secret)),
        ];
        foreach (var form in forms)
            AddParts(_texts, form);
        foreach (var form in Base64(secret, userName))
        {
            AddParts(_base64, form);
            AddParts(_base64, form.Replace('+', '-').Replace('/', '_'));
        }
    }

    /// <summary>The text without the secrets, up to so many of its characters.</summary>
    public string Remove(string text, int limit)
    {
        var hidden = new bool[text.Length];
        var any = Mark(_texts, text, hidden, whole: false);
        any |= Mark(_base64, text, hidden, whole: true);
        var length = Math.Min(text.Length, limit);
        if (!any)
            return text[..length];

        var rest = new StringBuilder(length);
        for (var i = 0; i < length; i++)
        {
            if (!hidden[i])
                rest.Append(text[i]);
            else if (i == 0 || !hidden[i - 1])
                rest.Append(Hidden);
        }

        return rest.ToString();
    }

    private static bool Mark(Dictionary<int, HashSet<string>> parts, string text, bool[] hidden, bool whole)
    {
        var any = false;
        foreach (var (length, known) in parts)
        {
            for (var at = 0; at + length <= text.Length; at++)
            {
                if (!known.Contains(text.Substring(at, length)))
                    continue;
                any = true;
                var (from, to) = whole ? Run(text, at, at + length) : (at, at + length);
                Array.Fill(hidden, true, from, to - from);
            }
        }

        return any;
    }

    /// <summary>The whole of the base64 around it: its edges hold a part of the secret too.</summary>
    private static (int From, int To) Run(string text, int from, int to)
    {
        while (from > 0 && IsBase64(text[from - 1]))
            from--;
        while (to < text.Length && IsBase64(text[to]))
            to++;
        return (from, to);
    }

    private static bool IsBase64(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_' or '=';

    private static IEnumerable<string> Base64(string secret, string userName)
    {
        foreach (var blob in new[] { secret, $"\0{userName}\0{secret}", $"{userName}\0{userName}\0{secret}" })
            yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(blob)).TrimEnd('=');
        // Wherever it stands in a longer text: three bytes are four characters, so there are three ways, of which those count that hold nothing else.
        var bytes = Encoding.UTF8.GetBytes(secret);
        for (var before = 0; before < 3; before++)
        {
            var first = ((before * 8) + 5) / 6;
            var last = (before + bytes.Length) * 8 / 6;
            if (last - first >= MinBase64)
                yield return Convert.ToBase64String([.. new byte[before], .. bytes])[first..last];
        }
    }

    // Without case: the code of a response is told in upper case.
    private static void AddParts(Dictionary<int, HashSet<string>> parts, string form)
    {
        if (form.Length == 0)
            return;
        var length = Math.Min(form.Length, Part);
        if (!parts.TryGetValue(length, out var known))
            parts[length] = known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at + length <= form.Length; at++)
            known.Add(form.Substring(at, length));
    }
}
