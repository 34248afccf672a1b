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
    public void The_troubleshooting_page_names_lines_that_exist()
    {
        var named = EventId().Matches(Docs.Read("troubleshooting.md")).Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture)).Distinct();
        Assert.Subset(Ids.ToHashSet(), named.ToHashSet());
    }

    [GeneratedRegex(@"(?<![\d/.])[1-4]0\d(?!\d)")]
    private static partial Regex EventId();
}
