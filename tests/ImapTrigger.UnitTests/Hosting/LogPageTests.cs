using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.UnitTests.Hosting;

public sealed partial class LogPageTests
{
    private static readonly int[] Ids = [.. typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().Select(line => line.EventId)];

    [Fact]
    public void Every_log_line_has_an_event_id_of_its_own() => Assert.Equal(Ids.Distinct().Order(), Ids.Order());

    [Fact]
    public void The_troubleshooting_page_has_a_row_for_every_line_and_no_other() => Assert.Equal(
        Ids.Order(),
        Rows().SelectMany(row => EventId().Matches(row)).Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture)).Distinct().Order());

    /// <summary>First cells alone: what a row is about.</summary>
    private static IEnumerable<string> Rows() =>
        Docs.Read("troubleshooting.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|')[1]);

    /// <summary>Three digits alone: no port, no size, no part of a path.</summary>
    [GeneratedRegex(@"(?<![\d/.,])[1-4]\d\d(?![\d%]| ?(?:ms|s|MB|KB)\b)")]
    private static partial Regex EventId();
}
