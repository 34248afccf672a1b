using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ImapTrigger.Benchmarks;

/// <summary>Medians over the rounds and their ratio to the MailKit loop of the same run, as a table and as JSON with every value.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<object> _rows = [];
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public string Json => JsonSerializer.Serialize(_rows, Indented);

    public void Add(Measure measure, Bench bench, int rounds, double load)
    {
        _text.AppendLine(CultureInfo.InvariantCulture, $"### {measure.Name}: {measure.Text}").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Rounds: {rounds}; load before: {load:0.0}.").AppendLine()
            .AppendLine(Row(["", .. bench.Contenders, "trigger / mailkit", "target"]))
            .AppendLine(Row(Enumerable.Repeat("---", bench.Contenders.Count + 3)));
        foreach (var figure in measure.Figures)
        {
            var medians = bench.Contenders.ToDictionary(
                contender => contender, contender => bench.Values.Where(value => value.Contender == contender && value.Figure == figure.Name).Select(value => value.Value).Order().ToArray().At(0.5));
            var ratio = medians.TryGetValue("trigger", out var ours) && medians.TryGetValue("mailkit", out var peer) && peer > 0 ? ours / peer : (double?)null;
            _text.AppendLine(Row([figure.Name, .. medians.Values.Select(value => Show(value, figure.Digits)), ratio is { } known ? Show(known, 2) : "", TargetOf(figure)]));
            _rows.Add(new { measure = measure.Name, figure = figure.Name, load, rounds, medians, ratio, figure.Target, values = bench.Values.Where(value => value.Figure == figure.Name).Select(value => new { value.Contender, value.Value }) });
        }

        _text.AppendLine();
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string TargetOf(Figure figure) => figure.Target is { } target ? $"{(figure.MoreIsBetter ? "≥" : "≤")} {Show(target, 1)}" : "";

    private static string Show(double value, int digits) => value.ToString("N" + digits, CultureInfo.InvariantCulture);
}
