namespace ImapTrigger.Ownership;

/// <summary>A message that was put aside, for people to look at and to replay.</summary>
internal sealed record PoisonRecord
{
    /// <summary>The mailbox's key (<see cref="PartitionMap"/>).</summary>
    public required string Mailbox { get; init; }

    /// <summary>The function that did not succeed.</summary>
    public required string Function { get; init; }

    /// <summary>What the function got.</summary>
    public required ImapEvent Event { get; init; }

    /// <summary>How many times it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>The last error, as the function threw it.</summary>
    public string? Error { get; init; }

    /// <summary>Why the raw message does not lie beside the record; null when it does.</summary>
    public string? NoRawMessage { get; init; }

    public DateTimeOffset PoisonedAt { get; init; }

    /// <summary>The record's name below the function's folder.</summary>
    public string Name => $"{Folder(Mailbox)}/{Event.UidValidity}-{Event.Uid}";

    public static string Folder(string mailbox) => StateKey.Segment(mailbox);

    /// <summary>Reads a record that lies below <c>replay/</c> under a name.</summary>
    public static StoreAnswer<PoisonRecord> Read(ReadOnlySpan<byte> json, string name)
    {
        if (PartitionJson.ReadPoison(json) is not { Mailbox: not null, Event: not null } record)
            return Unreadable("it is not a record of ImapTrigger's; copy one from poison/, whole");
        return name.StartsWith($"{Folder(record.Mailbox)}/", StringComparison.Ordinal)
            ? new StoreAnswer<PoisonRecord>(StoreOutcome.Done, record)
            : Unreadable($"it is of another mailbox and belongs at {record.Name}");

        static StoreAnswer<PoisonRecord> Unreadable(string reason) => new(StoreOutcome.Unreadable, null, reason);
    }
}
