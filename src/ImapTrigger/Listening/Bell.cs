namespace ImapTrigger.Listening;

/// <summary>Wakes the one loop that waits; rung many times before it wakes, it has rung once.</summary>
internal sealed class Bell
{
    private readonly object _gate = new();
    private TaskCompletionSource _rung = New();

    /// <summary>Ends when it rings, or at once when it has since it was last silenced. Nothing has to be cancelled by whom it does not wake.</summary>
    public Task Rung
    {
        get
        {
            lock (_gate)
                return _rung.Task;
        }
    }

    /// <summary>Raised at each ring.</summary>
    public event Action? Rang;

    public void Ring()
    {
        lock (_gate)
            _rung.TrySetResult();
        Rang?.Invoke();
    }

    public void Silence()
    {
        lock (_gate)
        {
            if (_rung.Task.IsCompleted)
                _rung = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
