using System.Collections.ObjectModel;
using System.Text;
using MimeKit.Utils;

namespace ImapTrigger.Imap.Guards;

/// <summary>What is fetched of each header, and what it says.</summary>
/// <param name="chosen">The fields that the user wants, as he spells them.</param>
/// <param name="trust">Knows whose Authentication-Results to believe.</param>
internal sealed class HeaderReading(IReadOnlyList<string> chosen, AuthenticationTrust trust)
{
    private const int MaxId = 998;

    public IReadOnlyList<string> Chosen { get; } = chosen;

    public AuthenticationTrust Trust { get; } = trust;

    /// <summary>All that is asked for.</summary>
    public IReadOnlyList<string> Names { get; } = [.. GuardFields.All.Concat(chosen).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The chosen fields by name; empty when the header is not known.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ChosenOf(IReadOnlyList<HeaderField>? fields)
    {
        if (fields is null || Chosen.Count == 0)
            return ReadOnlyDictionary<string, IReadOnlyList<string>>.Empty;
        var values = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Chosen)
            values[name] = [.. fields.Where(field => field.Is(name)).Take(ImapEvent.MaxItems).Select(field => Decoded(field.Raw))];
        return values;
    }

    /// <summary>The last ones when there are too many: the nearest in the conversation.</summary>
    public static IReadOnlyList<string> ReferencesOf(IReadOnlyList<HeaderField> fields)
    {
        foreach (var field in fields)
        {
            if (field.Is(GuardFields.References))
                return [.. MimeUtils.EnumerateReferences(field.Raw).Select(id => UntrustedText.Clean(id, MaxId)).OfType<string>().Where(id => id.Length > 0).TakeLast(ImapEvent.MaxItems)];
        }

        return [];
    }

    private static string Decoded(string raw) => UntrustedText.Clean(Rfc2047.DecodeText(Encoding.UTF8.GetBytes(raw)).Trim(), ImapEvent.MaxSubject)!;
}
