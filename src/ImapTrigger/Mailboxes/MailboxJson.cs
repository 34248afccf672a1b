using System.Text.Json;
using ImapTrigger.Connections;

namespace ImapTrigger.Mailboxes;

/// <summary>
/// A list of mailboxes as JSON (docs/connections.md): the settings of a set by the names that they have among app settings, with no secret among them. Who may write it is not
/// who may read the app's secrets.
/// </summary>
/// <param name="tokens">Makes access tokens.</param>
/// <param name="section">What the app settings say for all mailboxes; what the blob says goes before.</param>
/// <param name="secrets">The passwords that it may name.</param>
internal sealed class MailboxJson(AccessTokens tokens, SettingGroup section, Secrets secrets)
{
    public const string PasswordSetting = "passwordSetting";
    private static readonly string[] Secret = ["password", "clientSecret", "refreshToken", "serviceAccountKey"];

    /// <summary>Where the app's own secrets go, or what they go through.</summary>
    private static readonly string[] OfTheApp = ["tokenEndpoint", "proxy"];
    private static readonly string[] Known = [.. AccountSettings.All.Except(Secret).Except(OfTheApp), PasswordSetting];
    private static readonly JsonDocumentOptions Reading = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 };

    /// <exception cref="InvalidOperationException">It cannot be understood, or something is wrong with all of it; the message says what.</exception>
    public MailboxList Read(ReadOnlyMemory<byte> content)
    {
        // What editors of Windows put before a text.
        if (content.Span.StartsWith("\uFEFF"u8))
            content = content[3..];
        try
        {
            using var document = JsonDocument.Parse(content, Reading);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"it is no JSON that can be read: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private MailboxList Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(ImapAccounts.List, out var list) || list.ValueKind != JsonValueKind.Array)
            throw new InvalidOperationException($"it must be an object with a list \"{ImapAccounts.List}\".");
        var mistakes = new Mistakes("");
        var defaults = GroupOf(root, "", section, mistakes);
        AccountSettings.CheckValues(defaults, mistakes);
        if (defaults.Values.ContainsKey("userName"))
            mistakes.Add($"{defaults.Called("userName")} is of a single mailbox: put it into the list.");
        if (mistakes.Count > 0)
            throw new InvalidOperationException(string.Join(' ', mistakes.Texts));
        return MailboxList.Of(list.EnumerateArray().Select((entry, i) => (Json: entry, Place: $"{ImapAccounts.List}[{i}]")), (entry, wrong) =>
        {
            if (entry.Json.ValueKind != JsonValueKind.Object)
            {
                wrong.Add($"{entry.Place} is no object.");
                return null;
            }

            var settings = GroupOf(entry.Json, entry.Place, defaults, wrong);
            return wrong.Count == 0 ? new AccountSettings(settings, tokens, wrong).Read() : null;
        });
    }

    /// <summary>The values of an object, passwords among them; mistakes name their place.</summary>
    private SettingGroup GroupOf(JsonElement json, string place, SettingGroup behind, Mistakes mistakes)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var settings = new SettingGroup("the value", NameOf, values) { Defaults = behind };
        foreach (var property in json.EnumerateObject())
        {
            if (place.Length == 0 && property.NameEquals(ImapAccounts.List))
                continue;
            if (Is(property.Name, Secret))
                mistakes.Add($"'{Dotted(property.Name)}' is a secret, which does not belong into a blob: {InstructionFor(property.Name)}.");
            else if (Is(property.Name, OfTheApp))
                mistakes.Add($"'{Dotted(property.Name)}' says where the app's secrets go, which a blob may not: put it into the app setting '{section.NameOf(property.Name)}'.");
            else if (!Is(property.Name, Known))
                mistakes.Add($"'{Dotted(property.Name)}' is not known. There are: {string.Join(", ", Known)}.");
            else if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                mistakes.Add($"'{Dotted(property.Name)}' is one value, and no {property.Value.ValueKind.ToString().ToLowerInvariant()}.");
            else if (property.Value.ValueKind != JsonValueKind.Null)
                Add(property.Name, property.Value.ToString());
        }

        return settings;

        void Add(string name, string value)
        {
            if (!name.Equals(PasswordSetting, StringComparison.OrdinalIgnoreCase))
                values[name] = value;
            else if (secrets.Find(value) is { } password)
                values["password"] = password;
            else
                mistakes.Add($"'{Dotted(name)}' needs the app setting '{secrets.NameOf(value)}', which is missing or empty.");
        }

        string InstructionFor(string name) => name.Equals("password", StringComparison.OrdinalIgnoreCase)
            ? $"put it into an app setting '{secrets.NameOf("NAME")}', and say \"{PasswordSetting}\": \"NAME\""
            : $"put it into the app setting '{section.NameOf(name)}'";

        string NameOf(string? key) => key is null ? place : Dotted(key == "password" ? PasswordSetting : key);

        string Dotted(string key) => place.Length == 0 ? key : $"{place}.{key}";
    }

    private static bool Is(string name, string[] names) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
