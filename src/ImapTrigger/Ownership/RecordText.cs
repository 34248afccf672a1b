using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace ImapTrigger.Ownership;

/// <summary>A partition's record as lines: the partition itself, then one for each mailbox; whatever is written later is only what has changed.</summary>
internal static class RecordText
{
    private const byte LineEnd = (byte)'\n';

    /// <summary>All of a state.</summary>
    public static byte[] Whole(PartitionState state)
    {
        var text = new ArrayBufferWriter<byte>(256 * (state.Mailboxes.Count + 1));
        Append(text, HeadLine.Of(state));
        foreach (var (mailbox, cursor) in state.Mailboxes)
            Append(text, new MailboxLine(mailbox, cursor));
        return text.WrittenSpan.ToArray();
    }

    /// <summary>What has changed, as a state has it now.</summary>
    public static byte[] Of(RecordChanges changes, PartitionState state)
    {
        var text = new ArrayBufferWriter<byte>(256 * (changes.Mailboxes.Count + 1));
        // First: who reads no further than that knows which mailboxes are apart.
        if (changes.Head)
            Append(text, HeadLine.Of(state));
        foreach (var (mailbox, added) in changes.Mailboxes)
        {
            var cursor = state.Mailboxes.GetValueOrDefault(mailbox);
            Append(text, added is { } count && cursor is not null ? new MailboxLine(mailbox, cursor with { Recent = cursor.Recent.Latest(count) }, Adds: true) : new MailboxLine(mailbox, cursor));
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>Whether it is a record of lines, and of which version.</summary>
    public static int? VersionOf(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize(FirstLine(text), RecordLine.Default.Head)?.Version;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads a record. What a crash has cut off at the end was never acknowledged: it is left out, and the problem says so. Null, with the problem, when a line
    /// before the last cannot be read.
    /// </summary>
    public static PartitionState? Read(ReadOnlySpan<byte> text, out string? problem)
    {
        problem = null;
        var state = PartitionState.Empty;
        var mailboxes = state.Mailboxes.ToBuilder();
        for (var number = 1; !text.IsEmpty; number++)
        {
            var line = FirstLine(text);
            var isWhole = line.Length < text.Length;
            text = text[Math.Min(line.Length + 1, text.Length)..];
            if (isWhole && TryRead(line, ref state, mailboxes))
                continue;
            var isLast = text.IsEmpty;
            problem = isLast && number > 1 ? $"its last line ({number}) is cut off and is left out" : $"line {number} of the record is not readable";
            if (!isLast || number == 1)
                return null;
        }

        return state with { Mailboxes = mailboxes.ToImmutable() };
    }

    private static bool TryRead(ReadOnlySpan<byte> line, ref PartitionState state, ImmutableSortedDictionary<string, MailboxCursor>.Builder mailboxes)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, RecordLine.Default.Mailbox) is { Mailbox: { } mailbox } changed)
            {
                if (changed.Cursor is not { } cursor)
                    mailboxes.Remove(mailbox);
                else
                    mailboxes[mailbox] = changed.Adds && mailboxes.TryGetValue(mailbox, out var before) ? cursor with { Recent = before.Recent.Add(cursor.Recent.Identities) } : cursor;
                return true;
            }

            if (JsonSerializer.Deserialize(line, RecordLine.Default.Head) is not { Version: PartitionState.CurrentVersion, Partitions: PartitionState.Count } head)
                return false;
            state = head.Over(state);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> text) => text.IndexOf(LineEnd) is >= 0 and var end ? text[..end] : text;

    private static void Append(ArrayBufferWriter<byte> text, HeadLine head) => Append(text, JsonSerializer.SerializeToUtf8Bytes(head, RecordLine.Default.Head));

    private static void Append(ArrayBufferWriter<byte> text, MailboxLine mailbox) => Append(text, JsonSerializer.SerializeToUtf8Bytes(mailbox, RecordLine.Default.Mailbox));

    private static void Append(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> line)
    {
        text.Write(line);
        text.Write([LineEnd]);
    }
}
