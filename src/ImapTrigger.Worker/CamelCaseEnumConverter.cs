using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImapTrigger.Worker;

/// <summary>An enum as a word, like the names of the event's properties.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
