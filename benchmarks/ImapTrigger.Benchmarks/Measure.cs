namespace ImapTrigger.Benchmarks;

/// <summary>Something that is measured: for each contender a row of figures.</summary>
/// <param name="Name">What run.sh calls it.</param>
/// <param name="Text">One line for people.</param>
/// <param name="Figures">What is measured, with its unit; the first is the one that the ratio is of.</param>
/// <param name="RunAsync">One round over all contenders.</param>
internal sealed record Measure(string Name, string Text, IReadOnlyList<Figure> Figures, Func<Bench, Task> RunAsync);

/// <param name="Name">With its unit.</param>
/// <param name="Target">What the trigger's ratio to the MailKit loop should not go beyond; null where there is no target.</param>
/// <param name="MoreIsBetter">Then it is what the ratio should not fall below.</param>
/// <param name="Digits">Behind the point.</param>
internal sealed record Figure(string Name, double? Target = null, bool MoreIsBetter = false, int Digits = 2);
