using ImapTrigger.Ownership;

namespace ImapTrigger.Listening;

/// <summary>
/// The mailboxes of one partition while it is ours. Each is watched for as long as it is in the list; one that comes, goes or changes disturbs none of the others. The
/// record names a mailbox from before its watch begins until after its last call has ended, so that nobody else takes it meanwhile.
/// </summary>
/// <param name="partition">The partition.</param>
/// <param name="lease">Its lease.</param>
/// <param name="roster">The list.</param>
/// <param name="watch">Watches one mailbox until told to end, and until its calls have ended.</param>
internal sealed class PartitionWork(int partition, PartitionLease lease, MailboxRoster roster, Func<MailboxSource, CancellationToken, Task> watch)
{
    private readonly Dictionary<string, Watch> _watches = new(StringComparer.Ordinal);
    private readonly Bell _bell = new();

    public async Task RunAsync(CancellationToken ending)
    {
        roster.Changed += _bell.Ring;
        try
        {
            while (!ending.IsCancellationRequested)
            {
                _bell.Silence();
                Follow(roster.Current.In(partition, lease.Apart), ending);
                await _bell.Rung.WaitAsync(ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        finally
        {
            roster.Changed -= _bell.Ring;
            foreach (var watched in _watches.Values)
                watched.End();
            await Task.WhenAll(_watches.Values.Select(watched => watched.Running));
            foreach (var watched in _watches.Values)
                watched.Dispose();
        }
    }

    private void Follow(IReadOnlyDictionary<string, MailboxSource> wanted, CancellationToken ending)
    {
        foreach (var (key, watched) in _watches.ToArray())
        {
            if (watched.Running.IsCompleted)
                Remove(key, watched, wanted);
            else if (wanted.GetValueOrDefault(key) != watched.Source)
                watched.End();
        }

        var begin = wanted.Values.Where(source => !_watches.ContainsKey(source.Key) && lease.Watch(source.Number)).ToArray();
        lease.Tidy();
        foreach (var source in begin)
            _watches[source.Key] = new Watch(source, watch, _bell.Ring, ending);
    }

    private void Remove(string key, Watch ended, IReadOnlyDictionary<string, MailboxSource> wanted)
    {
        _watches.Remove(key);
        ended.Dispose();
        // What broke it is for whoever supervises the whole.
        ended.Running.GetAwaiter().GetResult();
        if (!wanted.Values.Concat(_watches.Values.Select(watched => watched.Source)).Any(source => source.Number == ended.Source.Number))
            lease.Leave(ended.Source.Number);
    }

    private sealed class Watch : IDisposable
    {
        private readonly CancellationTokenSource _ending;

        public Watch(MailboxSource source, Func<MailboxSource, CancellationToken, Task> watch, Action ended, CancellationToken ending)
        {
            Source = source;
            _ending = CancellationTokenSource.CreateLinkedTokenSource(ending);
            // Off the loop's thread: it has others to begin.
            Running = Task.Run(() => watch(source, _ending.Token), CancellationToken.None);
            Running.ContinueWith(_ => ended(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        public MailboxSource Source { get; }

        public Task Running { get; }

        public void End() => _ = _ending.CancelAsync();

        public void Dispose() => _ending.Dispose();
    }
}
