using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>One line of text; an array in version 1.</summary>
internal sealed class RecentMessagesConverter : JsonConverter<RecentMessages>
{
    public override RecentMessages Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return RecentMessages.Of((reader.GetString() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var recent = RecentMessages.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            recent = recent.Add(reader.GetString() ?? "");
        return recent;
    }

    public override void Write(Utf8JsonWriter writer, RecentMessages value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
