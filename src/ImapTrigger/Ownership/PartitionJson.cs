using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ImapTrigger.Ownership;

/// <summary>What lies in the store as JSON, for people to read too.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartitionState), TypeInfoPropertyName = "Record")]
[JsonSerializable(typeof(PoisonRecord), TypeInfoPropertyName = "Poison")]
[JsonSerializable(typeof(Presence), TypeInfoPropertyName = "Instance")]
internal sealed partial class PartitionJson : JsonSerializerContext
{
    public static byte[] Write(PoisonRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Default.Poison);

    public static byte[] Write(Presence instance) => JsonSerializer.SerializeToUtf8Bytes(instance, Default.Instance);

    /// <summary>Null when it is not readable.</summary>
    public static PoisonRecord? ReadPoison(ReadOnlySpan<byte> json) => ReadOrNull(json, Default.Poison);

    /// <summary>Null when it is not readable.</summary>
    public static Presence? ReadPresence(ReadOnlySpan<byte> json) => ReadOrNull(json, Default.Instance);

    /// <summary>
    /// Reads a partition's record, of whatever version; an empty one is new. Null, with the reason, when it is not ours to interpret: it must then not be overwritten.
    /// A reason with a state says what is left out.
    /// </summary>
    public static PartitionState? Read(ReadOnlySpan<byte> text, out string? problem)
    {
        problem = null;
        if (text.IsEmpty)
            return PartitionState.Empty;
        var version = RecordText.VersionOf(text);
        var state = version switch
        {
            PartitionState.CurrentVersion => RecordText.Read(text, out problem),
            > PartitionState.CurrentVersion => null,
            _ => ReadDocument(text, out version, out problem),
        };
        if (version > PartitionState.CurrentVersion)
            problem = $"the record has format {version} and this version of ImapTrigger knows {PartitionState.CurrentVersion}: update this instance";
        if (state is null)
            problem += ". It is left as it is; repair it, or delete it to begin with mail that arrives from now on.";
        return state;
    }

    /// <summary>A record of version 1 or 2.</summary>
    private static PartitionState? ReadDocument(ReadOnlySpan<byte> json, out int? version, out string? problem)
    {
        (version, problem) = (null, "the record is not one of ImapTrigger's");
        try
        {
            var state = JsonSerializer.Deserialize(json, Default.Record);
            version = state?.Version;
            if (state is { Version: > 0 and < PartitionState.CurrentVersion, Partitions: PartitionState.Count, Mailboxes: not null })
            {
                problem = null;
                return state with { Version = PartitionState.CurrentVersion };
            }
        }
        catch (JsonException)
        {
            problem = "the record is not readable JSON";
        }

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
