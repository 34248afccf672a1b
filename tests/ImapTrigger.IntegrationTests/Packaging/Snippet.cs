using System.Text.RegularExpressions;

namespace ImapTrigger.IntegrationTests.Packaging;

/// <summary>A fenced block of a page. A comment right above it, <c>&lt;!-- beside it: ... --></c>, holds what a fragment needs around it.</summary>
internal sealed partial record Snippet(string Page, int Line, string Language, string Code, string Beside)
{
    public static IEnumerable<Snippet> Of(string root, string page)
    {
        var text = File.ReadAllText(Path.Combine(root, page));
        return Fence().Matches(text).Select(fence => new Snippet(
            page,
            text.AsSpan(0, fence.Index).Count('\n') + 1,
            fence.Groups["language"].Value,
            Regex.Replace(fence.Groups["code"].Value, $"^{fence.Groups["indent"].Value}", "", RegexOptions.Multiline),
            fence.Groups["beside"].Value));
    }

    public override string ToString() => $"{Page}:{Line}";

    [GeneratedRegex("""^(<!-- beside it: (?<beside>.*?) -->\n)?(?<indent> *)```(?<language>[a-z]*)\n(?<code>.*?)^ *```$""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
