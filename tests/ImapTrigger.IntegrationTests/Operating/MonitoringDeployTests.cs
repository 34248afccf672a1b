using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using ImapTrigger.Diagnostics;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Operating;

/// <summary>Alerts and workbook ask for log lines and metrics that the extension has, and for all of them.</summary>
public sealed partial class MonitoringDeployTests
{
    private static readonly LoggerMessageAttribute[] Lines = [.. typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()];

    public static JsonDocument Workbook() => JsonDocument.Parse(Docs("workbook.json"));

    [Fact]
    public async Task The_event_ids_that_are_asked_for_are_logged()
    {
        var queries = await AlertsAsync();
        Assert.Contains(queries, query => EventId().IsMatch(query));
        Assert.Empty(Ids([.. queries, .. WorkbookQueries()]).Except(Lines.Select(line => line.EventId)));
    }

    [Fact]
    public void The_workbook_explains_every_warning_and_error()
    {
        // A line without a level of its own is an error at times.
        var serious = Lines.Where(line => line.Level is LogLevel.Warning or LogLevel.Error or LogLevel.None).Select(line => line.EventId);
        Assert.Empty(serious.Except(Ids(WorkbookQueries())));
    }

    [Fact]
    public async Task The_log_category_is_that_of_the_trigger()
    {
        var logs = (await AlertsAsync()).Concat(WorkbookQueries()).Where(query => query.Contains("AppTraces", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, logs.Length);
        Assert.All(logs, query => Assert.Contains($"'{Log.Category}'", query, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_metrics_that_are_asked_for_are_on_their_page()
    {
        var asked = (await AlertsAsync()).Concat(WorkbookQueries()).SelectMany(MetricsIn).ToHashSet();
        Assert.Contains("imap_trigger.partitions", asked);
        Assert.Empty(asked.Except(MetricsIn(Docs("metrics.md"))));
    }

    [Fact]
    public void The_workbook_shows_every_metric_of_the_page()
    {
        var page = MetricRow().Matches(Docs("metrics.md")).Select(row => row.Groups[1].Value).ToHashSet();
        Assert.Contains("imap_trigger.unverified", page);
        Assert.Empty(page.Except(WorkbookQueries().SelectMany(MetricsIn)));
    }

    private static string Docs(string page) => File.ReadAllText(Path.Combine(Repository.Root, "docs", page));

    private static async Task<string[]> AlertsAsync()
    {
        using var evaluated = await Bicep.EvaluateAsync("Dedicated");
        return [.. evaluated.OfType("Microsoft.Insights/scheduledQueryRules")
            .Select(rule => rule.Properties().GetProperty("criteria").GetProperty("allOf")[0].GetProperty("query").GetString()!)];
    }

    private static string[] WorkbookQueries()
    {
        using var workbook = Workbook();
        return [.. workbook.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("content"))
            .Where(content => content.TryGetProperty("query", out _)).Select(content => content.GetProperty("query").GetString()!)];
    }

    private static HashSet<int> Ids(IEnumerable<string> queries) =>
        queries.SelectMany(query => EventId().Matches(query)).Select(id => int.Parse(id.Groups[1].Value, CultureInfo.InvariantCulture)).ToHashSet();

    private static IEnumerable<string> MetricsIn(string text) => Metric().Matches(text).Select(name => name.Value);

    [GeneratedRegex(@"'(\d{3})'")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\b(imap_trigger|messaging)\.[a-z_]+(\.[a-z_]+)*")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `((?:imap_trigger|messaging)\.[a-z_.]+)`", RegexOptions.Multiline)]
    private static partial Regex MetricRow();
}
