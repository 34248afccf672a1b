using System.Text;

namespace ImapTrigger.Filtering;

/// <summary>Texts as a filter compares them: one form for what looks the same (Unicode NFKC), without case, runs of white space as one space.</summary>
internal static class FoldedText
{
    public static string Of(string text)
    {
        // A lone surrogate has no form.
        var sound = text.Any(char.IsSurrogate) ? string.Concat(text.EnumerateRunes()) : text;
        var folded = Ascii.IsValid(sound) ? sound.ToLowerInvariant() : sound.Normalize(NormalizationForm.FormKC).ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormKC);
        return string.Join(' ', folded.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A domain in the letters of the DNS, so that both ways to write an international one are the same.</summary>
    public static string OfDomain(string domain) => DomainNames.ToAscii(Of(domain).TrimEnd('.'));
}
