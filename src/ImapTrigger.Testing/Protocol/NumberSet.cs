namespace ImapTrigger.Testing.Protocol;

/// <summary>A sequence set, <c>1:3,7,9:*</c> (RFC 9051, 9): of UIDs or of sequence numbers.</summary>
internal sealed class NumberSet
{
    private readonly List<(uint From, uint To)> _ranges = [];

    private NumberSet()
    {
    }

    /// <param name="text">The set.</param>
    /// <param name="highest">What <c>*</c> stands for: the last number there is.</param>
    public static NumberSet Parse(string text, uint highest)
    {
        var set = new NumberSet();
        foreach (var range in text.Split(','))
        {
            var ends = range.Split(':');
            if (ends.Length > 2)
                throw new BadCommandException($"'{range}' is not a range");
            var (a, b) = (End(ends[0]), End(ends[^1]));
            // Either order, and "9:*" holds the last one though it be less than 9 (RFC 9051, 6.4.8).
            set._ranges.Add((Math.Min(a, b), Math.Max(a, b)));
        }

        return set;

        uint End(string number) => number == "*" ? highest : CommandText.Number(number);
    }

    public static bool LooksLikeOne(string word) => word.Length > 0 && (word[0] == '*' || char.IsAsciiDigit(word[0])) && word.All(c => c is '*' or ':' or ',' || char.IsAsciiDigit(c));

    public bool Contains(uint number) => _ranges.Any(range => number >= range.From && number <= range.To);
}
