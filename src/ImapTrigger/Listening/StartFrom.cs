using System.Globalization;

namespace ImapTrigger.Listening;

/// <summary>With which messages a mailbox begins that has no cursor.</summary>
/// <param name="Text">As it was written.</param>
internal sealed record StartFrom(string Text)
{
    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mmK"];

    /// <summary>With what comes from now on.</summary>
    public static StartFrom Now { get; } = new("now");

    /// <summary>With all that is there.</summary>
    public bool All { get; private init; }

    /// <summary>With what is there and has not been read.</summary>
    public bool Unseen { get; private init; }

    private TimeSpan? Ago { get; init; }

    private DateTimeOffset? Date { get; init; }

    /// <summary>Reads <c>now</c>, <c>unseen</c>, <c>all</c>, a time such as <c>7.00:00:00</c>, or a date such as <c>2026-11-01</c> (UTC unless it says otherwise); null when it is none of these.</summary>
    public static StartFrom? Parse(string text)
    {
        var trimmed = text.Trim();
        switch (trimmed.ToLowerInvariant())
        {
            case "" or "now":
                return Now;
            case "all":
                return new StartFrom(trimmed) { All = true };
            case "unseen":
                return new StartFrom(trimmed) { Unseen = true };
            // A number alone would be days.
            case var time when time.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(time, "c", CultureInfo.InvariantCulture, out var ago):
                return ago > TimeSpan.Zero && ago <= TimeSpan.FromDays(36_500) ? new StartFrom(trimmed) { Ago = ago } : null;
            default:
                return DateTimeOffset.TryParseExact(trimmed, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? new StartFrom(trimmed) { Date = date } : null;
        }
    }

    /// <summary>With what came after this time, by the server's clock; null when no time is said.</summary>
    /// <param name="now">When the mailbox was first wanted.</param>
    public DateTimeOffset? Since(DateTimeOffset now) => Date ?? (Ago is { } ago ? now - ago : null);

    public override string ToString() => Text;
}
