using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Diagnostics;

/// <summary>
/// When each partition that an instance wants was last known to be somebody's. Says so when that was too long ago: by a timer of its own, so that it needs neither an
/// owner nor a striving that works.
/// </summary>
internal sealed class Unowned : IDisposable
{
    private const string NoProblem = "No instance has taken it.";
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<Unowned, bool> All = new();
    private readonly string _function;
    private readonly TimeSpan _limit;
    private readonly Func<int, bool> _isOurs;
    private readonly Func<int, string> _describe;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly ConcurrentDictionary<int, Known> _known = new();
    private string _problem = NoProblem;

    /// <param name="function">Whose partitions.</param>
    /// <param name="limit">For so long a partition may be nobody's.</param>
    /// <param name="isOurs">Whether we hold it at this moment.</param>
    /// <param name="describe">Its mailboxes, for people.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public Unowned(string function, TimeSpan limit, Func<int, bool> isOurs, Func<int, string> describe, TimeProvider time, ILogger logger)
    {
        _function = function;
        _limit = limit;
        _isOurs = isOurs;
        _describe = describe;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => Look(), null, Tick, Tick);
        All[this] = true;
    }

    /// <summary>The longest time for which a wanted partition has not been known to be somebody's, over all functions of this process.</summary>
    public static TimeSpan Longest => All.Keys.SelectMany(function => function._known.Values.Select(known => function.Since(known))).DefaultIfEmpty().Max();

    /// <summary>What a look at the store has shown.</summary>
    /// <param name="wanted">All that we want.</param>
    /// <param name="isMet">Whether it is somebody's.</param>
    public void Saw(IReadOnlyCollection<int> wanted, Func<int, bool> isMet)
    {
        Volatile.Write(ref _problem, NoProblem);
        foreach (var (partition, known) in _known.Where(entry => !wanted.Contains(entry.Key)))
            Remove(partition, known);
        foreach (var partition in wanted)
        {
            var known = _known.GetOrAdd(partition, _ => new Known(_time.GetTimestamp()));
            if (isMet(partition) || _isOurs(partition))
                Owned(partition, known);
        }
    }

    /// <summary>Why nothing could be seen, or nothing be taken; for the alarm.</summary>
    public void Failed(string problem) => Volatile.Write(ref _problem, problem);

    public void Dispose()
    {
        _timer.Dispose();
        All.TryRemove(this, out _);
        foreach (var (partition, known) in _known)
            Remove(partition, known);
    }

    private void Look()
    {
        foreach (var (partition, known) in _known)
        {
            if (_isOurs(partition))
            {
                Owned(partition, known);
                continue;
            }

            var since = Since(known);
            if (since <= _limit || (known.SaidAfter is { } said && since - said < Again))
                continue;
            known.SaidAfter = since;
            Problems.Begin(known, $"{_function}: nobody owns partition {partition} for more than {new Pause(_limit)}, so mail is not delivered: {_describe(partition)}.");
            _logger.PartitionUnowned(_function, partition, since, _describe(partition), Volatile.Read(ref _problem));
        }
    }

    private void Owned(int partition, Known known)
    {
        var since = Since(known);
        known.At = _time.GetTimestamp();
        if (known.SaidAfter is null)
            return;
        known.SaidAfter = null;
        Problems.End(known);
        _logger.PartitionOwnedAgain(_function, partition, since);
    }

    private void Remove(int partition, Known known)
    {
        _known.TryRemove(partition, out _);
        Problems.End(known);
    }

    private TimeSpan Since(Known known) => _time.GetElapsedTime(known.At);

    private sealed class Known(long at)
    {
        private long _at = at;

        public long At
        {
            get => Interlocked.Read(ref _at);
            set => Interlocked.Exchange(ref _at, value);
        }

        /// <summary>After how long it was said last; null when it need not be said.</summary>
        public TimeSpan? SaidAfter { get; set; }
    }
}
