namespace ImapTrigger.Connections;

/// <param name="Function">Whose settings they are; null when they are not one function's.</param>
/// <param name="Text">What is wrong, as a sentence that never repeats a secret.</param>
internal sealed record Mistake(string? Function, string Text);

/// <summary>What is wrong with the settings of one function: collected, so that all of it is said at once.</summary>
internal sealed class Mistakes(string function)
{
    private readonly List<Mistake> _all = [];

    public int Count => _all.Count;

    /// <summary>What is wrong, sentence by sentence.</summary>
    public IEnumerable<string> Texts => _all.Select(mistake => mistake.Text);

    public void Add(string text) => _all.Add(new Mistake(function, text));

    /// <exception cref="SettingsException">There are some.</exception>
    public void ThrowIfAny()
    {
        if (Count > 0)
            throw new SettingsException(_all);
    }
}
