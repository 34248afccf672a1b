namespace ImapTrigger.Ownership;

/// <summary>The records of all functions of an app, to be read only: no lease is taken, nothing is written. Answers are values; only cancellation is thrown.</summary>
internal interface IAppRecords
{
    /// <summary>Says in a few words where the records lie, for logs.</summary>
    string Location { get; }

    /// <inheritdoc cref="IPartitionStore.WhereToLook"/>
    string WhereToLook => "";

    /// <summary>Every cursor that can be read; a record that cannot is left out.</summary>
    /// <param name="except">Functions, by their part of the path, whose records are not wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<StoreAnswer<IReadOnlyList<StoredCursor>>> ReadAsync(IReadOnlyCollection<string> except, CancellationToken cancellationToken);
}
