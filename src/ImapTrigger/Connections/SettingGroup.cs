namespace ImapTrigger.Connections;

/// <summary>Settings that belong together, of one mailbox or of a whole set, wherever they were read; names without case. What is not among them may be among the defaults.</summary>
/// <param name="what">What each of them is, for people: the app setting.</param>
/// <param name="nameOf">How one of them is called there; of none, the group itself.</param>
/// <param name="values">The values.</param>
internal sealed class SettingGroup(string what, Func<string?, string> nameOf, IReadOnlyDictionary<string, string?> values)
{
    /// <summary>Where to look for what is not here.</summary>
    public SettingGroup? Defaults { get; init; }

    /// <summary>Of those that should be one value and are not: the name of something in it.</summary>
    public IReadOnlyDictionary<string, string> Parts { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string?> Values => values;

    /// <summary>Its place, for people: Imap__0.</summary>
    public string Name => nameOf(null);

    public string NameOf(string key) => nameOf(key);

    /// <summary>The setting as the subject of a sentence; it is named where it stands.</summary>
    public string Subject(string key) => Holder(key) is { } holder ? holder.Called(key) : Called(key);

    /// <summary>The setting of this group as the subject of a sentence.</summary>
    public string Called(string key) => $"{what} '{nameOf(key)}'";

    /// <summary>The value; null when there is none, or a blank one.</summary>
    public string? Find(string key) => Holder(key)?.Own(key);

    /// <summary>The value in this very group; null when there is none, or a blank one.</summary>
    public string? Own(string key) => values.GetValueOrDefault(key) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    private SettingGroup? Holder(string key) => Own(key) is not null ? this : Defaults?.Holder(key);
}
