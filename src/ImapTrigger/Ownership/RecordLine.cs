using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImapTrigger.Ownership;

/// <summary>The line of a record about the partition itself: all but its cursors.</summary>
internal sealed record HeadLine(
    int Version, int Partitions, string? Owner, long Epoch, bool Clean, ImmutableSortedSet<int>? Watched, ImmutableSortedSet<int>? Apart)
{
    public static HeadLine Of(PartitionState state) =>
        new(PartitionState.CurrentVersion, state.Partitions, state.Owner, state.Epoch, state.Clean, state.Watched, state.Apart);

    public PartitionState Over(PartitionState state) =>
        state with { Partitions = Partitions, Owner = Owner, Epoch = Epoch, Clean = Clean, Watched = Watched ?? [], Apart = Apart ?? [] };
}

/// <summary>The line of a record about one mailbox; a later one replaces an earlier.</summary>
/// <param name="Mailbox">Its key.</param>
/// <param name="Cursor">Its cursor; null when it is not here any more.</param>
/// <param name="Adds">Whether the cursor's history is what has been added to that of the lines before; else it is all of it.</param>
internal sealed record MailboxLine(string Mailbox, MailboxCursor? Cursor, bool Adds = false);

/// <summary>Lines of a record as text: JSON without a line break in it.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HeadLine), TypeInfoPropertyName = "Head")]
[JsonSerializable(typeof(MailboxLine), TypeInfoPropertyName = "Mailbox")]
internal sealed partial class RecordLine : JsonSerializerContext;
