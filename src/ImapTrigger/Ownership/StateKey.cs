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
        var readable = string.Concat(name.Take(MaxReadable).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'));
        // Case matters in a blob's name and not in a Windows path; a trailing dot is lost in both.
        var isPlain = readable == name && !name.Any(char.IsAsciiLetterUpper) && name.Trim('.') == name && name.Length > 0 && !Reserved.Contains(name);
        return isPlain ? name : $"{readable.Trim('.')}-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength].ToLowerInvariant()}";
    }

    /// <summary>The name that has become this part of a path, as far as it can be told: of an unusual or a long one the part itself is all there is.</summary>
    public static string NameOf(string segment) =>
        segment.Length > HashLength + 1 && segment[..^(HashLength + 1)] is var name && Segment(name) == segment ? name : segment;
}
