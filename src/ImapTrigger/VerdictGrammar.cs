using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImapTrigger;

/// <summary>
/// The one grammar of verdicts, for every language and for the record: actions with semicolons between them (<c>seen; move:Archive</c>), <c>done</c>,
/// <c>retryAfter:00:10:00</c>, <c>poison:reason</c>; or a JSON object of <c>actions</c>, <c>retryAfter</c>, <c>counts</c>, <c>poison</c>, <c>reason</c>. Words and names without case.
/// </summary>
internal static class VerdictGrammar
{
    /// <summary>What is longer is no verdict.</summary>
    public const int MaxLength = 16 * 1024;

    private const int MaxShown = 200;
    private const string RetryAfter = "retryAfter";
    private const string Poison = "poison";

    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 4 };

    // Folders' names are for people to read in the record; nothing of it goes into HTML.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null, with the problem as a sentence's part, when it is none.</summary>
    public static MailVerdict? Read(string text, out string? problem)
    {
        if (text.Length > MaxLength)
        {
            problem = $"a text of {text.Length} characters is no verdict";
            return null;
        }

        var trimmed = text.Trim();
        return trimmed.StartsWith('{') ? ReadObject(trimmed, out problem) : ReadText(trimmed, out problem);
    }

    /// <summary>An action, within the bounds of one that comes from outside.</summary>
    public static AfterAction? ReadAction(string text, out string? problem)
    {
        if (text.Any(char.IsControl))
            problem = "a name has no control characters";
        else if (AfterAction.Parse(text, out problem) is { IsNone: false } action && action.Argument?.Length is not > MailVerdict.MaxText)
            return action;
        else if (text.Length > MailVerdict.MaxText)
            problem = $"'{Shown(text)}' is too long: a name has at most {MailVerdict.MaxText} characters";
        problem ??= $"'{Shown(text)}' is no action";
        problem = problem.Replace("none of none,", "none of done,", StringComparison.Ordinal);
        return null;
    }

    public static string Write(MailVerdict verdict)
    {
        if (verdict.Delay is { } delay)
        {
            return Json(new JsonObject { [RetryAfter] = delay.ToString("c", CultureInfo.InvariantCulture) }, verdict.Counts ? ("counts", true) : null, ("reason", verdict.Reason));
        }

        if (verdict.IsPoison)
            return verdict.Reason is { } reason ? Json(new JsonObject { [Poison] = reason }) : Poison;
        if (verdict.Actions.Count == 0)
            return "done";
        var actions = verdict.Actions.Select(action => action.ToString()).ToArray();
        return actions.Any(action => action.Contains(';', StringComparison.Ordinal))
            ? Json(new JsonObject { ["actions"] = new JsonArray([.. actions.Select(action => JsonValue.Create(action))]) })
            : string.Join("; ", actions);
    }

    /// <summary>What a function says may come from a message: one line of it, to show.</summary>
    public static string Shown(string text) => new([.. text.Take(MaxShown).Select(c => char.IsControl(c) ? ' ' : c)]);

    private static MailVerdict? ReadText(string text, out string? problem)
    {
        var (word, rest) = text.Split(':', 2) is [var first, var second] ? (first.Trim(), second.Trim()) : (text, null);
        if (word.Equals(RetryAfter, StringComparison.OrdinalIgnoreCase))
            return Later(rest, counts: false, reason: null, out problem);
        if (word.Equals(Poison, StringComparison.OrdinalIgnoreCase))
            return PutAside(rest, out problem);
        if (text.Equals("done", StringComparison.OrdinalIgnoreCase))
        {
            problem = null;
            return MailVerdict.Done;
        }

        return ReadActions(text.Split(';', StringSplitOptions.TrimEntries), out problem);
    }

    private static MailVerdict? ReadActions(IReadOnlyList<string> texts, out string? problem)
    {
        var actions = new List<AfterAction>();
        foreach (var text in texts.Take(MailVerdict.MaxActions + 1))
        {
            if (ReadAction(text, out problem) is not { } action)
                return null;
            actions.Add(action);
        }

        return MailVerdict.Of(actions, standsAlone: null, poison: false, out problem);
    }

    private static MailVerdict? ReadObject(string json, out string? problem)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Shallow);
            return ReadObject(document.RootElement, out problem);
        }
        catch (JsonException)
        {
            problem = "it begins as an object and is no JSON";
            return null;
        }
    }

    private static MailVerdict? ReadObject(JsonElement verdict, out string? problem)
    {
        var parts = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in verdict.EnumerateObject())
        {
            // A record of another language may write its nulls, too.
            if (part.Value.ValueKind != JsonValueKind.Null && !parts.TryAdd(part.Name, part.Value))
            {
                problem = $"'{Shown(part.Name)}' is there twice";
                return null;
            }
        }

        if (parts.Keys.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            problem = $"'{Shown(unknown)}' is none of {string.Join(", ", Known)}";
            return null;
        }

        var kinds = Kinds.Where(parts.ContainsKey).ToArray();
        if (kinds.Length != 1)
        {
            problem = $"an object has one of {string.Join(", ", Kinds)}";
            return null;
        }

        problem = $"'{kinds[0]}' or what is beside it is not of its kind";
        var reason = TextOf(parts, "reason", out var isReason);
        var counts = parts.TryGetValue("counts", out var said) ? said.ValueKind : JsonValueKind.False;
        if (!isReason || counts is not (JsonValueKind.True or JsonValueKind.False))
            return null;
        var isRetry = kinds[0] == RetryAfter;
        if ((parts.ContainsKey("counts") || parts.ContainsKey("reason")) && !isRetry)
        {
            problem = "'reason' and 'counts' belong to retryAfter";
            return null;
        }

        var value = parts[kinds[0]];
        if (kinds[0] == "actions")
            return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) ? ReadActions([.. value.EnumerateArray().Take(MailVerdict.MaxActions + 1).Select(item => item.GetString()!)], out problem) : null;
        if (value.ValueKind != JsonValueKind.String)
            return null;
        return isRetry ? Later(value.GetString(), counts == JsonValueKind.True, reason, out problem) : PutAside(value.GetString(), out problem);
    }

    private static string[] Kinds { get; } = ["actions", RetryAfter, Poison];

    private static string[] Known { get; } = [.. Kinds, "reason", "counts"];

    private static MailVerdict? Later(string? text, bool counts, string? reason, out string? problem)
    {
        // A number alone would be days.
        var delay = TimeSpan.Zero;
        if (text?.Contains(':', StringComparison.Ordinal) != true || !TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out delay) || delay < MailVerdict.MinDelay || delay > MailVerdict.MaxDelay)
            problem = $"retryAfter is a time such as 00:10:00, from {MailVerdict.MinDelay} to {MailVerdict.MaxDelay}, and not '{Shown(text ?? "")}'";
        else if (reason?.Length > MailVerdict.MaxText)
            problem = $"a reason has at most {MailVerdict.MaxText} characters";
        else
            problem = null;
        return problem is null ? MailVerdict.RetryAfter(delay, reason, counts) : null;
    }

    private static MailVerdict? PutAside(string? reason, out string? problem)
    {
        problem = reason?.Length > MailVerdict.MaxText ? $"a reason has at most {MailVerdict.MaxText} characters" : null;
        return problem is null ? MailVerdict.Poison(string.IsNullOrEmpty(reason) ? null : reason) : null;
    }

    private static string? TextOf(Dictionary<string, JsonElement> parts, string name, out bool isText)
    {
        var there = parts.TryGetValue(name, out var value);
        isText = !there || value.ValueKind == JsonValueKind.String;
        return there && isText ? value.GetString() : null;
    }

    private static string Json(JsonObject json, params (string Name, JsonNode? Value)?[] more)
    {
        foreach (var (name, value) in more.OfType<(string Name, JsonNode? Value)>().Where(part => part.Value is not null))
            json[name] = value;
        return json.ToJsonString(Readable);
    }
}
