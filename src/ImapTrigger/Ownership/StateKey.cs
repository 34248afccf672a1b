using System.Security.Cryptography;
using System.Text;

namespace ImapTrigger.Ownership;

/// <summary>Where a function's records lie, below a container or a folder: <c>{app}/{function}</c>, safe as a blob name and as a path.</summary>
internal static class StateKey
{
    private const int MaxReadable = 80;
    private const int HashLength = 8;

    // Folders beside those of the apps: the poison store's.
    private static readonly string[] Reserved = ["poison", "replay"];

    public static string Of(string app, string function) => $"{Segment(app)}/{Segment(function)}";

    /// <summary>One part of a path. What is unusual in a name is replaced, and a hash of the whole keeps two names apart that would then be the same.</summary>
    public static string Segment(string name)
    {
        var readable = string.Concat(name.Take(MaxReadable).Select(c => IsSafe(c) ? c : '_'));
        // Case matters in a blob's name and not in a Windows path; a trailing dot is lost in both.
        var isPlain = readable == name && !name.Any(char.IsAsciiLetterUpper) && name.Trim('.') == name && name.Length > 0 && !Reserved.Contains(name);
        return isPlain ? name : $"{readable.Trim('.')}-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength].ToLowerInvariant()}";
    }

    /// <summary>The part of a path that a person means: the name it is made of, or the part itself as the storage shows it.</summary>
    public static string Chosen(string name) => IsSegment(name) ? name : Segment(name);

    /// <summary>What a person may choose this part of a path by: the name it is made of, or, where an unusual or a long one cannot be told any more, the part itself.</summary>
    public static string NameOf(string segment) =>
        segment.Length > HashLength + 1 && segment[..^(HashLength + 1)] is var name && Segment(name) == segment ? name : segment;

    private static bool IsSegment(string name) =>
        name.Length > HashLength + 1 && name.Length <= MaxReadable + HashLength + 1 && name.All(IsSafe) && name[0] != '.'
        && name[^(HashLength + 1)] == '-' && name[^HashLength..].All(char.IsAsciiHexDigitLower);

    private static bool IsSafe(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
