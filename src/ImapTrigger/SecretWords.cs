namespace ImapTrigger;

/// <summary>Words that must not be told. The same words are equal, so that an account whose settings are read anew is the same account.</summary>
internal sealed class SecretWords(params string[] words) : IEquatable<SecretWords>
{
    public static SecretWords None { get; } = new();

    public IReadOnlyList<string> Words { get; } = words;

    public bool Equals(SecretWords? other) => other is not null && Words.SequenceEqual(other.Words, StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as SecretWords);

    public override int GetHashCode() => Words.Count;
}
