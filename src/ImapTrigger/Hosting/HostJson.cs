namespace ImapTrigger.Hosting;

/// <summary>What came from host.json, so that a mistake is told in its words, and one of the code in the code's.</summary>
internal sealed class HostJson
{
    private readonly Dictionary<string, object> _set = [];
    private readonly List<string> _problems = [];

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public static string Place(string setting) => $"host.json, extensions.imapIdle.{setting}";

    public void Add(string problem) => _problems.Add(problem);

    public void HasSet(string property, object value) => _set[property] = value;

    /// <summary>Where a value was written: the code comes later, and what it leaves as it is is host.json's.</summary>
    public string Place(string property, object? value) =>
        _set.TryGetValue(property, out var set) && set.Equals(value) ? Place(ImapIdleSection.CamelCase(property)) : $"{nameof(ImapIdleOptions)}.{property}";
}
