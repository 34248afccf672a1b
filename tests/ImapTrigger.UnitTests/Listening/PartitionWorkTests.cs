using System.Collections.Concurrent;
using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.UnitTests.Ownership;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

/// <summary>Mailboxes come, go and change in a partition that is ours; each is its own affair.</summary>
public sealed class PartitionWorkTests : IAsyncLifetime
{
    /// <summary>Three that fall into one partition.</summary>
    private static readonly string[] Users = [.. Enumerable.Range(0, 10_000).Select(i => $"u{i}").GroupBy(user => PartitionMap.PartitionOf(KeyOf(user))).First().Take(3)];

    private readonly FakeTimeProvider _time = new();
    private readonly ListedSource _source = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _book = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _calls = new();
    private readonly ConcurrentBag<Exception> _thrown = [];
    private PartitionLease? _lease;
    private Task _running = Task.CompletedTask;

    [Fact]
    public async Task Those_that_stay_are_not_disturbed()
    {
        _source.Say(Users[0], Users[1]);
        await SaidAsync($"begin {Users[0]}", $"begin {Users[1]}");
        _source.Say(Users[0], Users[2]);
        await SaidAsync($"end {Users[1]}", $"begin {Users[2]}");
        _source.Say(Users[2], Users[0]);
        _source.Say(Users[0]);
        await SaidAsync($"end {Users[2]}");
        Assert.Equal([$"begin {Users[0]}"], _book.Where(line => line.EndsWith(Users[0], StringComparison.Ordinal)));
        await _time.PassUntilAsync(() => _lease!.Watched.Count == 1);
    }

    [Fact]
    public async Task One_that_goes_counts_as_ours_until_its_last_call_has_ended()
    {
        _source.Say(Users[0], Users[1]);
        await SaidAsync($"begin {Users[0]}", $"begin {Users[1]}");
        var call = _calls[Users[1]] = new TaskCompletionSource();
        _source.Say(Users[0]);
        await SaidAsync($"told {Users[1]}");
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Contains(NumberOf(Users[1]), _lease!.Watched);
        call.SetResult();
        await _time.PassUntilAsync(() => !_lease.Watched.Contains(NumberOf(Users[1])));
    }

    [Fact]
    public async Task One_that_changes_ends_before_it_begins_anew_and_one_that_comes_back_meanwhile_too()
    {
        _source.Say($"{Users[0]}:old");
        await SaidAsync($"begin {Users[0]}");
        var call = _calls[Users[0]] = new TaskCompletionSource();
        _source.Say($"{Users[0]}:new");
        await SaidAsync($"told {Users[0]}");
        _source.Say(Users[1]);
        await SaidAsync($"begin {Users[1]}");
        _source.Say($"{Users[0]}:newest", Users[1]);
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(1, _book.Count(line => line == $"begin {Users[0]}"));
        _calls.Clear();
        call.SetResult();
        await _time.PassUntilAsync(() => _book.Count(line => line == $"begin {Users[0]}") == 2);
        Assert.Equal([$"begin {Users[0]}", $"told {Users[0]}", $"end {Users[0]}", $"begin {Users[0]}"], _book.Where(line => line.EndsWith(Users[0], StringComparison.Ordinal)));
        Assert.Contains("password newest", _book);
    }

    [Fact]
    public async Task One_that_has_a_partition_of_its_own_is_not_watched_in_this_one()
    {
        _source.Say(Users[0]);
        await SaidAsync($"begin {Users[0]}");
        Assert.True(await _lease!.SetApartAsync(NumberOf(Users[1]), CancellationToken.None));
        _source.Say(Users[0], Users[1], Users[2]);
        await SaidAsync($"begin {Users[2]}");
        Assert.DoesNotContain($"begin {Users[1]}", _book);
    }

    [Fact]
    public async Task At_the_end_all_are_told_and_waited_for()
    {
        _source.Say(Users);
        await SaidAsync([.. Users.Select(user => $"begin {user}")]);
        var call = _calls[Users[1]] = new TaskCompletionSource();
        await _stopping.CancelAsync();
        await SaidAsync([.. Users.Select(user => $"told {user}")]);
        Assert.False(_running.IsCompleted);
        call.SetResult();
        await _running;
        Assert.Equal(Users.Length, _book.Count(line => line.StartsWith("end ", StringComparison.Ordinal)));
    }

    public async ValueTask InitializeAsync()
    {
        var context = new OwnerContext("f", LeaseTiming.Default, _time, NullLogger.Instance);
        var store = new TimedStore(new SimulatedStore(_time).For(() => false), LeaseTiming.Default.Call, _time);
        var partition = PartitionMap.PartitionOf(KeyOf(Users[0]));
        _lease = (await PartitionLease.AcquireAsync(store, partition, _ => [], context, CancellationToken.None)).Value!;
        var trigger = new TriggerSettings(_source, [], "INBOX", new AfterActions(AfterAction.None, AfterAction.None), null);
        var roster = new MailboxRoster("f", trigger, _time, NullLogger.Instance);
        _ = roster.FollowAsync(_stopping.Token);
        _running = new PartitionWork(partition, _lease, roster, WatchAsync).RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var call in _calls.Values)
            call.TrySetResult();
        await _running;
        _stopping.Dispose();
        Assert.Empty(_thrown);
    }

    private static string KeyOf(string user) => PartitionMap.KeyOf(user, "h", "INBOX");

    private static int NumberOf(string user) => PartitionMap.OwnPartitionOf(KeyOf(user));

    private Task SaidAsync(params string[] lines) => _time.PassUntilAsync(() => lines.All(_book.Contains));

    private async Task WatchAsync(MailboxSource source, CancellationToken ending)
    {
        var user = source.Account.UserName;
        if (!_lease!.Watched.Contains(source.Number))
            _thrown.Add(new InvalidOperationException($"{user} is watched, and the record does not say so."));
        _book.Enqueue($"password {source.Account.Password}");
        _book.Enqueue($"begin {user}");
        await Task.Delay(Timeout.Infinite, ending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _book.Enqueue($"told {user}");
        if (_calls.TryGetValue(user, out var call))
            await call.Task;
        _book.Enqueue($"end {user}");
    }
}
