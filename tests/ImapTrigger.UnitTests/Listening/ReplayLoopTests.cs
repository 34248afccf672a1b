using ImapTrigger.Listening;
using ImapTrigger.Ownership;
using ImapTrigger.Supervision;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class ReplayLoopTests : IPoisonStore
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private int _listed;
    private int _read;
    private bool _fails;
    private StoreAnswer<IReadOnlyList<string>> _answer = new(StoreOutcome.Done, []);

    [Fact]
    public async Task A_thousand_mailboxes_cost_one_listing_a_minute_and_none_costs_none()
    {
        using var stopping = new CancellationTokenSource();
        var loop = new ReplayLoop("f", this, _time, _log);
        var running = loop.RunAsync(stopping.Token);
        await _time.PassAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(0, _listed);

        var mailboxes = Enumerable.Range(0, 1000)
            .Select(i => loop.TakeAsync(new MailboxSource(new ImapAccount { Host = "h", UserName = $"u{i}", Password = "p" }, "INBOX"), 1, null!, null!, stopping.Token)).ToArray();
        await _time.PassAsync(TimeSpan.FromMinutes(10));
        Assert.InRange(_listed, 9, 11);

        // Said when it begins, not every minute.
        _answer = new StoreAnswer<IReadOnlyList<string>>(StoreOutcome.Forbidden, null, "grant the role");
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Contains("grant the role", Assert.Single(_log.All, line => line.EventId == 412).Text, StringComparison.Ordinal);
        await stopping.CancelAsync();
        foreach (var task in mailboxes.Append(running))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    /// <summary>Law 16: of what the store throws; both loops are back within their back-off, and take the replay at the next look.</summary>
    [Fact]
    public async Task The_looks_and_a_mailbox_s_replays_come_back_after_an_exception()
    {
        using var stopping = new CancellationTokenSource();
        var source = new MailboxSource(new ImapAccount { Host = "h", UserName = "ann", Password = "p" }, "INBOX");
        _answer = new StoreAnswer<IReadOnlyList<string>>(StoreOutcome.Done, [$"{PoisonRecord.Folder(source.Key)}/1-1"]);
        _fails = true;
        var loop = new ReplayLoop("f", this, _time, _log);
        var supervisor = new Supervisor("f", _time, _log);
        var running = Task.WhenAll(
            supervisor.RunAsync("replaying", "poisoned messages", loop.RunAsync, stopping.Token),
            supervisor.RunAsync("replaying", $"to {source.Key}", token => loop.TakeAsync(source, 1, null!, null!, token), stopping.Token));
        await _time.PassUntilAsync(() => _log.All.Any(line => line.EventId == 411));
        Assert.Equal(["poisoned messages", "to ann@h/INBOX"], _log.All.Where(line => line.EventId == 206).Select(line => line.Text.Split("replaying ")[1].Split(" ended")[0]));
        await stopping.CancelAsync();
        await running;
    }

    string IPoisonStore.PathOf(PoisonRecord record) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.PutAsync(PoisonRecord record, byte[]? raw, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<IReadOnlyList<string>>> IPoisonStore.ListReplaysAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _listed) == 1 && _fails)
            throw new IOException("The disk is away.");
        return Task.FromResult(_answer);
    }

    Task<StoreAnswer<PoisonRecord>> IPoisonStore.ReadReplayAsync(string name, CancellationToken cancellationToken) =>
        Interlocked.Increment(ref _read) == 1 ? throw new IOException("The disk is away.") : Task.FromResult(new StoreAnswer<PoisonRecord>(StoreOutcome.Unreadable, null, "no JSON"));

    Task<StoreAnswer> IPoisonStore.ReturnReplayAsync(string name, PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.TakeReplayAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer<byte[]>> IPoisonStore.ReadRawAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StoreAnswer> IPoisonStore.RemoveAsync(PoisonRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();
}
