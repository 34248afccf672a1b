using System.Globalization;
using System.Text.RegularExpressions;

namespace ImapTrigger.Imap;

/// <summary>What a server means by a refusal, whatever was refused.</summary>
internal enum Refusal
{
    /// <summary>It says nothing that is known.</summary>
    Unclear,

    /// <summary>Too much of something: connections, commands, bytes.</summary>
    Limit,

    /// <summary>Not now: a part of the server is down, or somebody else holds the mailbox.</summary>
    Unavailable,

    /// <summary>User name, password or token.</summary>
    Credentials,

    /// <summary>The password or the access has run out.</summary>
    Expired,

    /// <summary>Who it is, is known; what is wanted, is not allowed.</summary>
    Forbidden,

    /// <summary>It wants TLS first.</summary>
    Unprotected,

    /// <summary>There is no such mailbox.</summary>
    Missing,

    /// <summary>It does not know this command or mechanism.</summary>
    Unsupported,
}

/// <summary>
/// Response codes (RFC 5530, RFC 9051 7.1, and those in use beside them) and, where a server has none, its words -> what it means. A code beats
/// words; of words, those that speak of time or number beat those that speak of the user, and these beat a mere mention of the server.
/// </summary>
internal static partial class Refusals
{
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(10);

    public static Refusal Of(ServerAnswer answer)
    {
        if (RetryAfter(answer) is not null)
            return Refusal.Limit;
        var byCode = OfCode(answer.Code);
        return byCode switch
        {
            // Dovecot 2.3 says UNAVAILABLE to too many connections, and who has tried too often has not been told that the password is wrong.
            Refusal.Unavailable or Refusal.Credentials when SpeaksOfLimit(answer.Text) => Refusal.Limit,
            Refusal.Credentials when Time().IsMatch(answer.Text) => Refusal.Unavailable,
            Refusal.Unclear => OfWords(answer),
            _ => byCode,
        };
    }

    /// <summary>Whether a login was refused for its way and not for who logs in, so that another way may do.</summary>
    public static bool IsAboutMechanism(ServerAnswer answer) => Of(answer) switch
    {
        Refusal.Unsupported => true,
        Refusal.Credentials or Refusal.Forbidden => answer.Code is not null && UnknownMechanism().IsMatch(answer.Text),
        _ => false,
    };

    /// <summary>Whether it is about the connection as such, so that it holds whatever the command was.</summary>
    public static bool IsAboutConnection(ServerAnswer answer) =>
        RetryAfter(answer) is not null || (answer.Status == "BYE" && (OfCode(answer.Code) == Refusal.Limit || Connections().IsMatch(answer.Text)));

    /// <summary>
    /// How long a refused command may be worth trying again. What passes by itself has codes (RFC 5530: UNAVAILABLE, INUSE); LIMIT may be one of the message or the folder,
    /// and words may mean anything.
    /// </summary>
    public static TimeSpan Patience(ServerAnswer answer) => answer.Code switch
    {
        "UNAVAILABLE" or "INUSE" or "THROTTLED" or "RATELIMIT" or "TEMPFAIL" or "SYS/TEMP" => LongPatience,
        "LIMIT" => ShortPatience,
        null or "ALERT" when SpeaksOfLimit(answer.Text) || Time().IsMatch(answer.Text) => ShortPatience,
        _ => TimeSpan.Zero,
    };

    /// <summary>What Exchange Online says: "Request is throttled. Suggested Backoff Time: 299961 milliseconds"; at most an hour.</summary>
    public static TimeSpan? RetryAfter(ServerAnswer answer)
    {
        var match = Backoff().Match(answer.Text);
        if (!match.Success || !long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return null;
        return milliseconds >= Longest.TotalMilliseconds ? Longest : TimeSpan.FromMilliseconds(milliseconds);
    }

    private static Refusal OfCode(string? code) => code switch
    {
        "LIMIT" or "OVERQUOTA" or "THROTTLED" or "RATELIMIT" => Refusal.Limit,
        // The last two: RFC 5259 and RFC 3206, seen where POP3 and IMAP share their texts.
        "UNAVAILABLE" or "SERVERBUG" or "INUSE" or "CORRUPTION" or "TEMPFAIL" or "SYS/TEMP" => Refusal.Unavailable,
        "AUTHENTICATIONFAILED" or "AUTH" => Refusal.Credentials,
        "EXPIRED" => Refusal.Expired,
        "AUTHORIZATIONFAILED" or "NOPERM" or "CONTACTADMIN" or "CANNOT" or "SYS/PERM" => Refusal.Forbidden,
        "PRIVACYREQUIRED" => Refusal.Unprotected,
        "NONEXISTENT" or "TRYCREATE" => Refusal.Missing,
        // ALERT is for people and says nothing of the kind (RFC 9051, 7.1).
        _ => Refusal.Unclear,
    };

    private static Refusal OfWords(ServerAnswer answer)
    {
        var text = answer.Text;
        if (SpeaksOfLimit(text))
            return Refusal.Limit;
        if (Time().IsMatch(text))
            return Refusal.Unavailable;
        if (Privacy().IsMatch(text))
            return Refusal.Unprotected;
        if (Mechanism().IsMatch(text))
            return Refusal.Unsupported;
        if (Absence().IsMatch(text))
            return Refusal.Missing;
        if (Person().IsMatch(text))
            return Refusal.Credentials;
        return Server().IsMatch(text) ? Refusal.Unavailable : answer.Status == "BAD" ? Refusal.Unsupported : Refusal.Unclear;
    }

    private static bool SpeaksOfLimit(string text) => Number().IsMatch(text) || Connections().IsMatch(text);

    [GeneratedRegex("Suggested Backoff Time: ([0-9]{1,12}) milliseconds", Options)]
    private static partial Regex Backoff();

    [GeneratedRegex(
        @"throttl|\brate.?limit|too many (\w+ ){0,3}(connections|sessions|logins|clients|users|requests)"
        + @"|maximum (number of )?(\w+ ){0,2}(connections|sessions|logins|clients)|\b(connection|session|bandwidth)s? limit", Options)]
    private static partial Regex Connections();

    [GeneratedRegex(@"too (many|often|much|fast)|\bexceed|limit (has been |was )?reached|\blogin (rate|limit)|bandwidth|slow down", Options)]
    private static partial Regex Number();

    [GeneratedRegex(
        @"temporar(?!y password)|\b(try|come back|retry|again) (again )?(later|in (a|\d|some|few)|after \d)|\bunavailable|maintenance|overload"
        + @"|(service|server|system|mailbox) (is )?(currently )?not available|\b(is|too|currently|system|server|service) busy", Options)]
    private static partial Regex Time();

    [GeneratedRegex(
        @"plain ?text.{0,60}(disallow|disabled|not allow|forbid|not permit)|(ssl|tls|encrypt\w*|secure connection).{0,30}(required|first|needed)"
        + @"|(require|must use|issue|need)s? (an? )?(starttls|tls|ssl|encrypt|secure)", Options)]
    private static partial Regex Privacy();

    [GeneratedRegex(@"mechanism|unsupported|not supported|not implemented|unrecogni[sz]ed|unknown (auth|command)|is not spoken", Options)]
    private static partial Regex Mechanism();

    [GeneratedRegex(
        @"(unsupported|unknown|unrecogni[sz]ed|disabled|no|not (supported|available|enabled|allowed)) (\w+ ){0,2}mechanism|mechanism\b.{0,40}(unsupported|unknown|disabled|not (known|supported|available|enabled|allowed))", Options)]
    private static partial Regex UnknownMechanism();

    [GeneratedRegex(@"(no such|unknown|non-?existent) (mailbox|folder)|(mailbox|folder)\b.{0,100}(not exist|n't exist|not found|\bunknown)", Options)]
    private static partial Regex Absence();

    [GeneratedRegex(
        @"passw|credential|incorrect|invalid|\bwrong|bad (user|login|auth)|unknown (user|account)|no such (user|account)"
        + @"|not (allowed|permitted|enabled|authori[sz]ed|licensed|subscribed)|disabled|denied|forbidden|suspended|blocked|deactivated|expired"
        + @"|web browser|locked out|account.{0,20}\blocked|two.?factor|\bverif", Options)]
    private static partial Regex Person();

    [GeneratedRegex(
        @"\b(internal|system|server|service|database|backend|storage|fatal|unexpected|i/o|disk|sql|ldap|network|proxy|lookup|script)"
        + @" (error|failure|problem|exception|timeout|down|lost|gone|unreachable|not ready|fail)"
        + @"|(server|service|backend|database|system|proxy|host)s? (is|are|has|was|went) (down|gone|away|unreachable|offline|lost|crash|restart|start|stop|shut|clos|fail|not)"
        + @"|\bconnect(ion)?\b.{0,30}(lost|refused|reset|fail|timed|broken|closed|limit|error)|(lost|no|failed) connection"
        + @"|(cannot|can't|could not|unable to|failed to) (connect|contact|reach|open|access|query|lock)"
        + @"|\blocked\b|in use|already (open|logged|connected|selected)|another (session|client|process|connection|user)|simultaneous|concurrent"
        + @"|\blimits?\b|maximum|time-?out|timed out|shut(ting)? ?down|restart|starting up|not ready|out of (memory|resources|disk)|\bwait\b|\bdelay", Options)]
    private static partial Regex Server();
}
