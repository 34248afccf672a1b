using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Delivery;

public sealed class SettlementTests : IDisposable
{
    private static readonly AfterActions SeenOrMoved = new(new AfterAction(AfterActionKind.Seen), new AfterAction(AfterActionKind.Move, "Poison"));
    private readonly DeliveryDesk _desk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_put_aside_whole_and_with_what_is_known_of_it()
    {
        _desk.Actions = SeenOrMoved;
        var record = _desk.Open(42);
        await record.BeginAsync(Token);
        Assert.True(await _desk.NewSettlement().PoisonAsync(record, new InvalidOperationException("No."), Token));
        Assert.Equal("raw 42,put aside,move:Poison 42 again", _desk.Steps);
        Assert.Equal([1, 2], _desk.PoisonRaw);
        var poison = _desk.Poison!;
        Assert.Equal(("m", "f", 1, 1, _desk.Time.GetUtcNow()), (poison.Mailbox, poison.Function, poison.Attempts, poison.Event.Attempt, poison.PoisonedAt));
        Assert.StartsWith("System.InvalidOperationException: No.", poison.Error, StringComparison.Ordinal);
        Assert.Null(poison.NoRawMessage);
        Assert.Contains("poison/", _desk.Log.All.Single(line => line.EventId == 404).Text, StringComparison.Ordinal);
        Assert.Equal(0, _desk.Log.CountOf(413));
    }

    [Fact]
    public async Task What_cannot_be_put_aside_whole_stays_in_the_mailbox_and_the_record_says_why()
    {
        _desk.Actions = SeenOrMoved;
        _desk.Raw = () => throw new IOException("The server ended the connection.");
        Assert.True(await _desk.NewSettlement().PoisonAsync(_desk.Open(1), null, Token));
        Assert.Equal("raw 1,put aside", _desk.Steps);
        Assert.Null(_desk.PoisonRaw);
        Assert.Equal("The server ended the connection.", _desk.Poison!.NoRawMessage);
        Assert.Contains("The server ended the connection.", _desk.Log.All.Single(line => line.EventId == 413).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_gone_is_put_aside_without_its_text()
    {
        _desk.Raw = () => Task.FromResult<byte[]?>(null);
        Assert.True(await _desk.NewSettlement().PoisonAsync(_desk.Open(1), null, Token));
        Assert.Equal("It is not in the mailbox any more.", _desk.Poison!.NoRawMessage);
    }

    [Fact]
    public async Task A_stop_while_the_message_is_read_decides_nothing()
    {
        _desk.Raw = () => throw new WatchEndedException();
        await Assert.ThrowsAsync<WatchEndedException>(() => _desk.NewSettlement().PoisonAsync(_desk.Open(1), null, Token));
        Assert.Equal("raw 1", _desk.Steps);
    }

    [Fact]
    public async Task It_stays_open_until_it_can_be_put_aside()
    {
        var refused = 0;
        _desk.PoisonAnswers = () => ++refused > 2 ? StoreAnswer.Done : new StoreAnswer(StoreOutcome.Unreachable, refused == 1 ? "no network" : null);
        var running = _desk.NewSettlement().PoisonAsync(_desk.Open(1), null, Token);
        await _desk.Time.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(1, refused);
        Assert.NotNull(_desk.Cursor.Find(1));
        await _desk.Time.PassUntilAsync(() => running.IsCompleted);
        Assert.Equal(["no network.", "no reason given."], _desk.Log.All.Where(line => line.EventId == 405).Select(line => line.Text.Split(": ")[^1]));
        Assert.Null(_desk.Cursor.Find(1));
    }

    [Fact]
    public async Task An_endless_error_is_cut()
    {
        await _desk.NewSettlement().PoisonAsync(_desk.Open(1), new InvalidOperationException(new string('x', 100_000)), Token);
        Assert.Equal(16 * 1024, _desk.Poison!.Error!.Length);
    }

    [Fact]
    public async Task Without_an_action_nothing_is_on_record_in_between()
    {
        _desk.Actions = SeenOrMoved with { OnSuccess = AfterAction.None };
        Assert.True(await _desk.NewSettlement().SucceedAsync(_desk.Open(1), said: null, Token));
        Assert.Empty(_desk.Steps);
        Assert.Empty(_desk.Recorded!.Open);
    }

    [Fact]
    public async Task A_refused_action_is_said_and_the_message_counts_as_delivered()
    {
        (_desk.Actions, _desk.Refusal) = (SeenOrMoved, "read-only");
        Assert.True(await _desk.NewSettlement().SucceedAsync(_desk.Open(1), said: null, Token));
        Assert.Equal("seen 1", _desk.Steps);
        Assert.Contains("read-only", _desk.Log.All.Single(line => line.EventId == 406).Text, StringComparison.Ordinal);
        Assert.Null(_desk.Cursor.Find(1));
    }

    [Fact]
    public async Task What_is_delivered_again_is_not_touched_where_its_UID_means_another()
    {
        _desk.Actions = SeenOrMoved;
        var poison = new PoisonRecord { Mailbox = "m", Function = "f", Event = DeliveryDesk.Message(1) };
        Assert.True(await _desk.NewSettlement().SucceedAsync(new ReplayRecord(poison, "1-1", inMailbox: false, _desk, _desk), said: null, Token));
        Assert.Equal("remove", _desk.Steps);
    }

    public void Dispose() => _desk.Dispose();
}
