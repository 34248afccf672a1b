using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ImapTrigger.Ownership;

/// <summary>A partition's record as text, for people to read too.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartitionState), TypeInfoPropertyName = "Record")]
[JsonSerializable(typeof(PoisonRecord), TypeInfoPropertyName = "Poison")]
[JsonSerializable(typeof(Presence), TypeInfoPropertyName = "Instance")]
internal sealed partial class PartitionJson : JsonSerializerContext
{
    public static byte[] Write(PartitionState state) => JsonSerializer.SerializeToUtf8Bytes(state, Default.Record);

    public static byte[] Write(PoisonRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Default.Poison);

    public static byte[] Write(Presence instance) => JsonSerializer.SerializeToUtf8Bytes(instance, Default.Instance);

    /// <summary>Null when it is not readable.</summary>
    public static PoisonRecord? ReadPoison(ReadOnlySpan<byte> json) => ReadOrNull(json, Default.Poison);

    /// <summary>Null when it is not readable.</summary>
    public static Presence? ReadPresence(ReadOnlySpan<byte> json) => ReadOrNull(json, Default.Instance);

    /// <summary>Reads a record; an empty one is new. Null, with the reason, when it is not ours to interpret: it must then not be overwritten.</summary>
    public static PartitionState? Read(ReadOnlySpan<byte> json, out string? problem)
    {
        problem = null;
        if (json.IsEmpty)
            return PartitionState.Empty;
        try
        {
            var state = JsonSerializer.Deserialize(json, Default.Record);
            if (state is { Version: > 0 and <= PartitionState.CurrentVersion, Partitions: PartitionState.Count, Mailboxes: not null })
                return state with { Version = PartitionState.CurrentVersion };
            problem = state is { Version: > PartitionState.CurrentVersion }
                ? $"the record has format {state.Version} and this version of ImapTrigger knows {PartitionState.CurrentVersion}: update this instance"
                : "the record is not one of ImapTrigger's";
        }
        catch (JsonException)
        {
            problem = "the record is not readable JSON";
        }

        problem += ". It is left as it is; repair it, or delete it to begin with mail that arrives from now on.";
        return null;
    }

    private static T? ReadOrNull<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
