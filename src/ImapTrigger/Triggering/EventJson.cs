using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ImapTrigger.Triggering;

/// <summary>The event as JSON: camelCase names, what is unknown is null. Out-of-process workers get this text.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ImapEvent))]
internal sealed partial class EventJson : JsonSerializerContext
{
    // Not the generated code, which sets what is left out to null: defaults stay.
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepDefaults } } };

    /// <summary>For users' own classes: names without case, numbers also as text.</summary>
    public static JsonSerializerOptions ForUserTypes { get; } = new(JsonSerializerDefaults.Web);

    public static string Write(ImapEvent message) => JsonSerializer.Serialize(message, Default.ImapEvent);

    /// <summary>Reads an event that a person or another program wrote: what is left out or null is as in an event without it, lists are empty.</summary>
    /// <exception cref="JsonException">It is not an event, or has not its key.</exception>
    public static ImapEvent Read(string json) => JsonSerializer.Deserialize<ImapEvent>(json, Reading) ?? throw new JsonException("The JSON is null.");

    private static void KeepDefaults(JsonTypeInfo type)
    {
        if (type.Type != typeof(ImapEvent))
            return;
        foreach (var property in type.Properties)
        {
            if (property.Set is { } set)
                property.Set = (message, value) =>
                {
                    if (value is not null)
                        set(message, value);
                    else if (property.IsRequired)
                        throw new JsonException($"{property.Name} is null.");
                };
        }
    }
}
