namespace ImapTrigger.Connections;

/// <summary>
/// The settings are wrong. What is wrong is worth more than where it was noticed: the text of this exception is its sentences, one a line, so that neither a
/// host's log nor an unhandled exception buries them in a stack trace.
/// </summary>
internal sealed class SettingsException(IReadOnlyCollection<Mistake> mistakes) : InvalidOperationException(string.Join(Environment.NewLine, Sentences(mistakes)))
{
    public IReadOnlyCollection<Mistake> Mistakes { get; } = mistakes;

    public override string ToString() => Message;

    /// <summary>Functions that share a mistake share its sentence.</summary>
    private static IEnumerable<string> Sentences(IEnumerable<Mistake> mistakes) => mistakes.GroupBy(mistake => mistake.Text).Select(same =>
        same.Select(mistake => mistake.Function).OfType<string>().Distinct().ToArray() switch
        {
            [] => same.Key,
            [var one] => $"[ImapIdleTrigger] of function '{one}': {same.Key}",
            var several => $"[ImapIdleTrigger] of functions {string.Join(", ", several.Select(function => $"'{function}'"))}: {same.Key}",
        });
}
