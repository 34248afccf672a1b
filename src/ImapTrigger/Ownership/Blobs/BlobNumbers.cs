using System.Collections.Immutable;
using System.Globalization;

namespace ImapTrigger.Ownership.Blobs;

/// <summary>Sets of numbers as a blob's metadata, which a listing brings along.</summary>
internal static class BlobNumbers
{
    /// <summary>A blob's metadata may have 8 KB in all.</summary>
    private const int MaxLength = 7 * 1024;

    /// <summary>The service does not keep an empty value.</summary>
    private const string None = "-";

    public static string? Write(ImmutableSortedSet<int> numbers) => Join(numbers.Select(Text));

    public static string? Write(ImmutableSortedDictionary<int, int>? pairs) => pairs is null ? null : Join(pairs.Select(pair => $"{Text(pair.Key)}:{Text(pair.Value)}"));

    /// <summary>Adds the values, in order, as far as there is room: one that is left out is not known to others, which they can live with.</summary>
    public static Dictionary<string, string> With(Dictionary<string, string> metadata, params (string Key, string? Value)[] values)
    {
        var room = MaxLength - metadata.Sum(entry => entry.Key.Length + entry.Value.Length);
        foreach (var (key, value) in values)
        {
            if (value is null || key.Length + value.Length > room)
                continue;
            room -= key.Length + value.Length;
            metadata[key] = value;
        }

        return metadata;
    }

    /// <summary>Null when it is not there or cannot be read.</summary>
    public static ImmutableSortedSet<int>? Read(IDictionary<string, string> metadata, string key)
    {
        var numbers = Parts(metadata, key)?.Select(Number).ToArray();
        return numbers?.All(number => number is not null) == true ? [.. numbers.Select(number => number!.Value)] : null;
    }

    /// <summary>Null when it is not there or cannot be read.</summary>
    public static ImmutableSortedDictionary<int, int>? ReadPairs(IDictionary<string, string> metadata, string key)
    {
        var pairs = Parts(metadata, key)?.Select(part => part.Split(':') is [var first, var second] ? (Key: Number(first), Value: Number(second)) : default).ToArray();
        return pairs?.All(pair => pair is { Key: not null, Value: not null }) == true
            ? pairs.DistinctBy(pair => pair.Key).ToImmutableSortedDictionary(pair => pair.Key!.Value, pair => pair.Value!.Value)
            : null;
    }

    private static string Join(IEnumerable<string> parts) => string.Join(',', parts) is { Length: > 0 } text ? text : None;

    private static string[]? Parts(IDictionary<string, string> metadata, string key) =>
        !metadata.TryGetValue(key, out var text) ? null : text == None ? [] : text.Split(',');

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
