namespace ImapTrigger.Ownership;

/// <summary>Where functions keep their state.</summary>
internal interface IPartitionStores
{
    /// <summary>The store of one function; touches no network.</summary>
    /// <param name="function">The function's id, the same on every instance.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The settings name no usable storage.</exception>
    Task<FunctionState> ForAsync(string function, CancellationToken cancellationToken);
}
