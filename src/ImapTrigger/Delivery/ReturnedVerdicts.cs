using System.Collections;
using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using JsonException = System.Text.Json.JsonException;

namespace ImapTrigger.Delivery;

/// <summary>
/// What a function has returned -> a verdict for each message. What arrives depends on the language: a text, the host's JObject or JArray, an object of the user's own; other kinds are no
/// verdict. An array is one verdict for each message of a batch; a text may hold the JSON of any of it, for Python has no other way.
/// </summary>
internal static class ReturnedVerdicts
{
    /// <summary>Null, with the problem, when it is no verdict. A null in the result means that nothing was said.</summary>
    /// <param name="returned">The value.</param>
    /// <param name="count">Of so many messages.</param>
    /// <param name="batched">Whether the function takes batches.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static MailVerdict?[]? Read(object? returned, int count, bool batched, out string? problem)
    {
        if (ElementsOf(returned) is not { } elements)
        {
            var one = ReadOne(returned, out problem);
            return problem is null ? [.. Enumerable.Repeat(one, count)] : null;
        }

        if (!batched)
        {
            problem = "an array is for batches; say 'seen; move:Archive' for several actions";
            return null;
        }

        problem = elements.Count == count ? null : $"there are {elements.Count} verdicts for {count} messages";
        var verdicts = new MailVerdict?[count];
        for (var i = 0; i < count && problem is null; i++)
            verdicts[i] = ReadOne(elements[i], out problem);
        return problem is null ? verdicts : null;
    }

    private static MailVerdict? ReadOne(object? value, out string? problem)
    {
        problem = null;
        switch (value)
        {
            case null or "" or JValue { Type: JTokenType.Null or JTokenType.Undefined }:
                return null;
            case MailVerdict verdict:
                return verdict;
            case string text:
                return VerdictGrammar.Read(text, out problem);
            case JValue { Type: JTokenType.String } text:
                return VerdictGrammar.Read((string)text!, out problem);
            // Its own text: System.Text.Json makes nonsense of one.
            case JObject json:
                return VerdictGrammar.Read(json.ToString(Formatting.None), out problem);
            case JsonElement { ValueKind: JsonValueKind.String } text:
                return VerdictGrammar.Read(text.GetString()!, out problem);
            case JsonElement { ValueKind: JsonValueKind.Null }:
                return null;
            case JsonElement { ValueKind: JsonValueKind.Object } json:
                return VerdictGrammar.Read(json.GetRawText(), out problem);
            default:
                problem = $"a value of the type {value.GetType().Name} is none";
                return null;
        }
    }

    private static IReadOnlyList<object?>? ElementsOf(object? returned) => returned switch
    {
        string text when text.TrimStart().StartsWith('[') => ElementsOf(text),
        JArray array => [.. array],
        JsonElement { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Cast<object?>()],
        string or JToken => null,
        IEnumerable some => [.. some.Cast<object?>().Take(MaxElements + 1)],
        _ => null,
    };

    /// <summary>More messages are never in a batch.</summary>
    private const int MaxElements = 1000;

    private static IReadOnlyList<object?>? ElementsOf(string text)
    {
        if (text.Length > MaxElements * VerdictGrammar.MaxLength)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 5 });
            return [.. document.RootElement.EnumerateArray().Select(element => (object?)element.Clone())];
        }
        catch (JsonException)
        {
            // Told as the text that it is.
            return null;
        }
    }
}
