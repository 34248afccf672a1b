namespace ImapTrigger.Ownership;

/// <summary>
/// The cursors in an app's storage of functions that are not configured here, and all of the own function: among them are those that a change of a
/// name has left behind. Only first starts look at them, so many of these share one reading.
/// </summary>
/// <param name="records">The app's records.</param>
/// <param name="function">The own function's part of the path.</param>
/// <param name="configured">Those of all functions configured here.</param>
/// <param name="time">The clock.</param>
internal sealed class LeftBehind(IAppRecords records, string function, Func<IReadOnlyCollection<string>> configured, TimeProvider time)
{
    /// <summary>So long a reading may take, of however many records.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private Task<StoreAnswer<IReadOnlyList<StoredCursor>>>? _reading;
    private long _began;

    public string Location => records.Location;

    public bool IsOurs(StoredCursor cursor) => cursor.Function == function;

    /// <param name="age">A reading that began no longer ago will do.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<StoreAnswer<IReadOnlyList<StoredCursor>>> ReadAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_reading is null || (_reading.IsCompleted && time.GetElapsedTime(_began) > age))
                (_reading, _began) = (ReadAsync(), time.GetTimestamp());
            return _reading.WaitAsync(cancellationToken);
        }
    }

    private async Task<StoreAnswer<IReadOnlyList<StoredCursor>>> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(Limit, time);
        try
        {
            return await records.ReadAsync([.. configured().Where(name => name != function)], deadline.Token);
        }
        catch (Exception e)
        {
            // Whatever a store throws, nothing is known, and nothing is decided by it.
            return new StoreAnswer<IReadOnlyList<StoredCursor>>(
                StoreOutcome.Unreachable, null, deadline.IsCancellationRequested ? $"no answer within {new Pause(Limit)}{records.WhereToLook}" : e.GetBaseException().Message);
        }
    }
}
