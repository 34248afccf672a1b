using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

/// <summary>A store that throws, or hangs whatever its token says, where a test wants it to; else another's answers.</summary>
internal sealed class ThrowingStore(IPartitionStore inner) : IPartitionStore
{
    /// <summary>Asked before each call, by its name: what to do instead; null for nothing.</summary>
    public Func<string, CancellationToken, Task?> Instead { get; set; } = (_, _) => null;

    public string Location => inner.Location;

    public Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken) =>
        CallAsync("look", () => inner.LookAsync(instance, cancellationToken), cancellationToken);

    public Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken) => CallAsync("leave", () => inner.LeaveAsync(instance, cancellationToken), cancellationToken);

    public Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
        CallAsync("acquire", () => inner.AcquireAsync(partition, leaseId, cancellationToken), cancellationToken);

    public Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
        CallAsync("renew", () => inner.RenewAsync(partition, leaseId, cancellationToken), cancellationToken);

    public Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken) =>
        CallAsync("write", () => inner.WriteAsync(partition, leaseId, state, cancellationToken), cancellationToken);

    public Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken) =>
        CallAsync("release", () => inner.ReleaseAsync(partition, leaseId, cancellationToken), cancellationToken);

    private async Task<T> CallAsync<T>(string call, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        if (Instead(call, cancellationToken) is { } instead)
            await instead;
        return await ask();
    }
}
