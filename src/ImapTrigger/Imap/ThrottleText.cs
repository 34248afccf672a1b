using System.Globalization;
using System.Text.RegularExpressions;

namespace ImapTrigger.Imap;

/// <summary>
/// How servers say that they have enough. Most do it in words only: a login refused for this reason must not pass for a wrong password.
/// </summary>
internal static partial class ThrottleText
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly string[] Signs =
    [
        "Suggested Backoff Time", "too many", "throttl", "rate limit", "exceeded the limit", "connection limit", "temporar", "try again later", "[UNAVAILABLE]", "[LIMIT]", "[INUSE]",
    ];

    public static bool Is(string text) => Signs.Any(sign => text.Contains(sign, StringComparison.OrdinalIgnoreCase));

    /// <summary>What Exchange Online says: "Request is throttled. Suggested Backoff Time: 299961 milliseconds"; at most an hour.</summary>
    public static TimeSpan? RetryAfter(string text)
    {
        var match = Backoff().Match(text);
        if (!match.Success || !long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return null;
        return milliseconds >= Longest.TotalMilliseconds ? Longest : TimeSpan.FromMilliseconds(milliseconds);
    }

    [GeneratedRegex("Suggested Backoff Time: ([0-9]{1,12}) milliseconds", RegexOptions.IgnoreCase)]
    private static partial Regex Backoff();
}
