using System.Globalization;

namespace ImapTrigger;

/// <summary>A time span as people say it, in a line of the log or an exception: "500 ms", "8 s", "5 min", "1 h 30 min".</summary>
internal readonly record struct Pause(TimeSpan Length)
{
    public static implicit operator Pause(TimeSpan length) => new(length);

    public override string ToString()
    {
        if (Length > TimeSpan.Zero && Length < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(Length.TotalMilliseconds):0} ms");
        var seconds = (long)Math.Round(Length.TotalSeconds, MidpointRounding.AwayFromZero);
        // Nobody counts the seconds of what takes longer than ten minutes, nor the minutes of what takes longer than a day.
        return seconds switch
        {
            < 60 => Text(seconds, "s", 0, ""),
            < 600 => Text(seconds / 60, "min", seconds % 60, "s"),
            < 3570 => Text((seconds + 30) / 60, "min", 0, ""),
            < 86370 => Text((seconds + 30) / 3600, "h", (seconds + 30) % 3600 / 60, "min"),
            _ => Text((seconds + 1800) / 86400, "d", (seconds + 1800) % 86400 / 3600, "h"),
        };
    }

    private static string Text(long count, string unit, long rest, string smaller) => rest == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{count} {unit}")
        : string.Create(CultureInfo.InvariantCulture, $"{count} {unit} {rest} {smaller}");
}
