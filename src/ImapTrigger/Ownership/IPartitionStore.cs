namespace ImapTrigger.Ownership;

/// <summary>
/// Where partitions live: each is one record that is both the lease and the state, so that whoever lost the lease
/// cannot write (law 3). One store serves one function. Answers are values; only cancellation is thrown.
/// </summary>
internal interface IPartitionStore
{
    /// <summary>Says in a few words where the state lies, for logs.</summary>
    string Location { get; }

    /// <summary>What to look at when there is no answer, as the end of a sentence; empty where no setting names the place.</summary>
    string WhereToLook => "";

    /// <summary>Who holds what: one look instead of many refused acquisitions. Makes the given instance known to the others for a while.</summary>
    Task<StoreAnswer<StoreView>> LookAsync(Presence? instance, CancellationToken cancellationToken);

    /// <summary>The instance has gone.</summary>
    Task<StoreAnswer> LeaveAsync(string instance, CancellationToken cancellationToken);

    /// <summary>Creates the record if it is missing, leases it and reads it. Doing so again with the same id is harmless.</summary>
    Task<StoreAnswer<PartitionState>> AcquireAsync(int partition, Guid leaseId, CancellationToken cancellationToken);

    Task<StoreAnswer> RenewAsync(int partition, Guid leaseId, CancellationToken cancellationToken);

    /// <summary>Writes the state if, and only if, the lease is still ours.</summary>
    Task<StoreAnswer> WriteAsync(int partition, Guid leaseId, PartitionState state, CancellationToken cancellationToken);

    Task<StoreAnswer> ReleaseAsync(int partition, Guid leaseId, CancellationToken cancellationToken);
}
