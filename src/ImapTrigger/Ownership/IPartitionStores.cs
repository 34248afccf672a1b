namespace ImapTrigger.Ownership;

/// <summary>Where functions keep their partitions.</summary>
internal interface IPartitionStores
{
    /// <summary>The store of one function; touches no network.</summary>
    /// <param name="function">The function's id, the same on every instance.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The settings name no usable storage.</exception>
    Task<IPartitionStore> ForAsync(string function, CancellationToken cancellationToken);
}
