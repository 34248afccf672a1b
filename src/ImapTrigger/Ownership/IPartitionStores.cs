namespace ImapTrigger.Ownership;

/// <summary>Where functions keep their state.</summary>
internal interface IPartitionStores
{
    /// <summary>The function is configured, whether it listens or is disabled: nobody goes on from its state.</summary>
    void Announce(string function, string? stateName);

    /// <summary>The store of one function; touches no network.</summary>
    /// <param name="function">The function's id, the same on every instance.</param>
    /// <param name="stateName">The name under which it keeps its state; null for its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The settings name no usable storage, or another function keeps its state under the same name.</exception>
    Task<FunctionState> ForAsync(string function, string? stateName, CancellationToken cancellationToken);
}
