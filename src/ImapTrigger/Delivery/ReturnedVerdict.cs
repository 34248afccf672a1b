using System.Collections;
using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ImapTrigger.Delivery;

/// <summary>What a function has returned -> a verdict. What arrives depends on the language: a text, the host's JObject, an object of the user's own; other kinds are no verdict.</summary>
internal static class ReturnedVerdict
{
    /// <summary>Null when it says nothing, and, with the problem, when it is no verdict.</summary>
    public static MailVerdict? Read(object? returned, out string? problem)
    {
        problem = null;
        switch (returned)
        {
            case null or "" or JValue { Type: JTokenType.Null or JTokenType.Undefined }:
                return null;
            case MailVerdict verdict:
                return verdict;
            case JArray or JsonElement { ValueKind: JsonValueKind.Array } or IEnumerable and not (string or JToken):
                problem = "an array is none; say 'seen; move:Archive' for several actions";
                return null;
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
                problem = $"a value of the type {returned.GetType().Name} is none";
                return null;
        }
    }
}
