using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using ImapTrigger.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.Ownership;

/// <summary>
/// Strives for this instance's share of a function's partitions as long as the app runs, and works on each while it is ours; the others
/// stand by. Whatever the store does, nothing is thrown: without an answer nobody works, and that is said.
/// </summary>
internal sealed class PartitionOwner
{
    /// <summary>Who owns all it wants, and that is one, looks seldom: only to hear what others ask.</summary>
    private const int Content = 12;

    private readonly ConcurrentDictionary<int, Ownership> _owned = new();
    private readonly TimedStore _store;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Func<int, PartitionLease, CancellationToken, Task> _work;
    private readonly OwnerContext _context;
    private IReadOnlyDictionary<int, string> _mailboxes;
    private Wishes _wishes;
    private StoreView _view = StoreView.Empty;
    private ImmutableHashSet<int> _free = [];
    private bool _known;
    private (StoreOutcome Outcome, string? Reason) _said;

    /// <param name="store">Where the partitions live.</param>
    /// <param name="mailboxes">Our mailboxes, until others are wanted: number (<see cref="PartitionMap"/>) and name.</param>
    /// <param name="work">What to do while one is ours, until the token is signalled: we are stopping, or it is lost.</param>
    /// <param name="context">Who we are.</param>
    public PartitionOwner(
        IPartitionStore store, IReadOnlyDictionary<int, string> mailboxes, Func<int, PartitionLease, CancellationToken, Task> work, OwnerContext context)
    {
        _store = new TimedStore(store, context.Timing.Call, context.Time);
        _mailboxes = mailboxes;
        _wishes = new Wishes(context.Instance, [.. mailboxes.Keys], context.Time);
        _work = work;
        _context = context;
    }

    /// <summary>Other mailboxes are wanted from now on. What becomes of those in partitions that are ours is the work's to see to; the partitions follow at once.</summary>
    public void Want(IReadOnlyDictionary<int, string> mailboxes)
    {
        _mailboxes = mailboxes;
        _wishes = _wishes.With([.. mailboxes.Keys]);
        _changed.Writer.TryWrite(true);
    }

    /// <summary>Runs until stopping and until the work has ended; then the last state is written and the leases are free.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // Beside the striving, not in it: it has to ring above all when that does not work.
        using (var unowned = new Unowned(
            _context.Function, _context.Timing.Unowned, partition => _owned.TryGetValue(partition, out var owned) && owned.Lease.IsHeld, Describe, _context.Time, _context.Logger))
        {
            unowned.Saw(_wishes.All(_view), isMet: _ => true);
            await _context.Supervisor.RunAsync("striving", "for partitions", token => StriveAsync(unowned, token), stopping);
        }

        await Task.WhenAll(_owned.Values.Select(owned => owned.Running));
        if (_known)
            await _store.CallAsync((store, token) => store.LeaveAsync(_context.Instance, token), CancellationToken.None);
    }

    private async Task StriveAsync(Unowned unowned, CancellationToken stopping)
    {
        while (true)
        {
            _changed.Reader.TryRead(out _);
            await LookAsync(unowned, stopping);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(Task.Delay(PauseFor(_wishes.All(_view).Count), _context.Time, ending.Token), _changed.Reader.WaitToReadAsync(ending.Token).AsTask());
            await ending.CancelAsync();
            stopping.ThrowIfCancellationRequested();
        }
    }

    private TimeSpan PauseFor(int wanted) => (_owned.Values.Count(owned => owned.Lease.IsHeld), wanted) switch
    {
        // Until there is something to want.
        (0, 0) => Timeout.InfiniteTimeSpan,
        // A single partition that is ours leaves little to strive for.
        (1, 1) => _context.Timing.Acquire * Content,
        _ => _context.Timing.Acquire,
    } is { Ticks: > 0 } pause ? pause * (0.6 + (0.4 * Random.Shared.NextDouble())) : Timeout.InfiniteTimeSpan;

    private async Task LookAsync(Unowned unowned, CancellationToken stopping)
    {
        foreach (var (partition, owned) in _owned.Where(entry => entry.Value.Running.IsCompleted))
        {
            owned.Dispose();
            _owned.TryRemove(partition, out _);
        }

        // Looking first: an acquisition that is refused is an error in the store's own monitoring, every few seconds, for ever.
        var presence = _wishes.Given(_view, Mine);
        var shows = _known || presence.Wanted!.Count > 1 || !presence.Asks.IsEmpty;
        var look = await _store.CallAsync((store, token) => store.LookAsync(shows ? presence : null, token), stopping);
        if (look is not { Outcome: StoreOutcome.Done, Value: { } view })
        {
            Tell(new StoreAnswer(look.Outcome, look.Reason), unowned);
            return;
        }

        _known = shows;
        _view = view;
        unowned.Saw(_wishes.All(view), partition => _wishes.IsMet(partition, view));
        await AnswerAsync(view, stopping);
        var (acquire, release) = FairShare.Plan(_wishes.Given(view, Mine), view, Mine);
        foreach (var partition in release)
            await EndAsync(partition);
        foreach (var partition in acquire.Union(LeftOver(view)))
            await AcquireAsync(partition, unowned, stopping);
        // Who has just begun has not written his name yet; the next look shows it.
        if (_owned.IsEmpty && acquire.Count == 0 && Owners(view) is { Length: > 0 } owners)
            Tell(new StoreAnswer(StoreOutcome.Busy, owners), unowned);
    }

    /// <summary>To those who have other mailboxes in our partitions: the whole of it, or a partition of their own.</summary>
    private async Task AnswerAsync(StoreView view, CancellationToken stopping)
    {
        foreach (var (partition, owned) in _owned)
        {
            foreach (var mailbox in _wishes.AskedOf(partition, view, whole: false))
                await owned.Lease.SetApartAsync(mailbox, stopping);
            if (_wishes.AskedOf(partition, view, whole: true).Any())
                await EndAsync(partition);
        }
    }

    /// <summary>What was free at the last look, too: it was somebody else's to take, and he has not.</summary>
    private IEnumerable<int> LeftOver(StoreView view)
    {
        var before = _free;
        _free = [.. _wishes.All(view).Where(partition => !view.IsHeld(partition) && !_owned.ContainsKey(partition))];
        return _free.Intersect(before);
    }

    private async Task AcquireAsync(int partition, Unowned unowned, CancellationToken stopping)
    {
        var answer = await PartitionLease.AcquireAsync(_store, partition, apart => _wishes.MailboxesOf(partition, apart), _context, stopping);
        if (answer.Value is not { } lease)
        {
            // One race lost is nothing to tell: the next look shows who has won.
            if (answer.Outcome != StoreOutcome.Busy)
                Tell(new StoreAnswer(answer.Outcome, answer.Reason), unowned);
            return;
        }

        _said = default;
        _context.Logger.PartitionOwned(_context.Function, partition, _store.Location);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _owned[partition] = new Ownership(lease, ending, OwnAsync(partition, lease, ending.Token));
    }

    private async Task EndAsync(int partition)
    {
        if (_owned.TryGetValue(partition, out var owned))
            await owned.EndAsync();
    }

    private async Task OwnAsync(int partition, PartitionLease lease, CancellationToken stopping)
    {
        await Task.Yield();
        Metrics.Partitions.Add(_context.Function, 1);
        await _context.Supervisor.RunAsync("working", $"on partition {partition}", ending => _work(partition, lease, ending), stopping, lease.Lost);
        await lease.DisposeAsync();
        Metrics.Partitions.Add(_context.Function, -1);
        if (lease.Lost.IsCancellationRequested)
        {
            _context.Logger.PartitionLost(_context.Function, partition, lease.LostReason);
            // Who had all that it wanted would look again only in a minute.
            _changed.Writer.TryWrite(true);
        }
        else
        {
            _context.Logger.PartitionReleased(_context.Function, partition);
        }
    }

    /// <summary>Every five seconds would be noise: each state is told when it begins.</summary>
    private void Tell(StoreAnswer answer, Unowned unowned)
    {
        var reason = answer.Sentence;
        if (answer.Outcome != StoreOutcome.Busy)
            unowned.Failed($"{_store.Location}: {reason}");
        if (_said == (answer.Outcome, answer.Reason) || (answer.Outcome, _said.Outcome) == (StoreOutcome.Busy, StoreOutcome.Busy))
            return;
        _said = (answer.Outcome, answer.Reason);
        if (answer.Outcome == StoreOutcome.Busy)
            _context.Logger.StandingBy(_context.Function, answer.Reason);
        else
            _context.Logger.StoreUnusable(answer.Outcome == StoreOutcome.Unreachable ? LogLevel.Warning : LogLevel.Error, _context.Function, _store.Location, reason);
    }

    private IReadOnlyCollection<int> Mine => [.. _owned.Keys];

    private string Owners(StoreView view) => string.Join(
        ", ", _wishes.All(view).Select(partition => view.Partitions.GetValueOrDefault(partition)).Where(held => held is { IsHeld: true }).Select(held => held!.Owner).OfType<string>().Distinct().Take(5));

    private string Describe(int partition) => string.Join(", ", _wishes.MailboxesOf(partition, _view.ApartFrom(partition)).Take(5).Select(mailbox => _mailboxes.GetValueOrDefault(mailbox)));

    /// <summary>A partition that is ours, the work on it, and how to end it without ending the rest.</summary>
    private sealed class Ownership(PartitionLease lease, CancellationTokenSource ending, Task running) : IDisposable
    {
        public PartitionLease Lease { get; } = lease;

        public Task Running { get; } = running;

        public Task EndAsync() => ending.CancelAsync();

        public void Dispose() => ending.Dispose();
    }
}
