namespace ImapTrigger.Filtering;

/// <summary>What is wrong with a filter, and where.</summary>
/// <param name="Position">From 0, in characters.</param>
/// <param name="Problem">For people, without a full stop.</param>
internal sealed record FilterMistake(int Position, string Problem)
{
    private const int Shown = 60;

    /// <summary>The place in the filter, and under it a caret: two lines.</summary>
    public string Show(string filter)
    {
        var from = Math.Max(0, Position - Shown);
        var to = Math.Min(filter.Length, Position + Shown);
        var line = string.Concat(filter[from..to].Select(c => char.IsControl(c) ? ' ' : c));
        var (before, after) = (from > 0 ? "..." : "", to < filter.Length ? "..." : "");
        return $"    {before}{line}{after}{Environment.NewLine}    {new string(' ', before.Length + Position - from)}^";
    }
}
