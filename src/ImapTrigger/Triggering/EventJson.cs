using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImapTrigger.Triggering;

/// <summary>The event as JSON: camelCase names, what is unknown is null. Out-of-process workers get this text.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ImapEvent))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>For users' own classes: names without case, numbers also as text.</summary>
    public static JsonSerializerOptions ForUserTypes { get; } = new(JsonSerializerDefaults.Web);

    public static string Write(ImapEvent message) => JsonSerializer.Serialize(message, Default.ImapEvent);
}
