using ImapTrigger.Delivery;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Delivery;

/// <summary>Where the bytes of a message come from.</summary>
public sealed class RawMessageTests : IDisposable
{
    private static readonly PoisonRecord Poison = new() { Mailbox = "m", Function = "f", Event = DeliveryDesk.Message(42) };
    private readonly DeliveryDesk _desk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_read_in_its_mailbox()
    {
        var record = _desk.Open(1);
        Assert.True(record.InMailbox);
        Assert.Equal([1, 2], await new ImapDelivery(record.Event, record).ReadRawAsync(Token));
        Assert.Equal("raw 1", _desk.Steps);
    }

    [Fact]
    public async Task What_is_gone_or_never_was_is_said_by_name()
    {
        _desk.Raw = () => Task.FromResult<byte[]?>(null);
        var gone = await Assert.ThrowsAsync<MessageGoneException>(() => new ImapDelivery(DeliveryDesk.Message(1), _desk.Open(1)).ReadRawAsync(Token));
        Assert.Equal("Message 1 is not in INBOX of ann any more.", gone.Message);
        await Assert.ThrowsAsync<MessageGoneException>(() => new ImapDelivery(DeliveryDesk.Message(1)).ReadMessageAsync(Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_delivered_again_is_what_was_put_aside(bool inMailbox)
    {
        Assert.Equal([7], await Replay(inMailbox).ReadRawAsync(Token));
        Assert.Empty(_desk.Steps);
    }

    [Theory]
    [InlineData(nameof(StoreOutcome.Done))]
    [InlineData(nameof(StoreOutcome.Unreachable))]
    public async Task What_does_not_lie_there_is_read_in_the_mailbox_while_its_UID_means_it(string outcome)
    {
        _desk.StoredRaw = new StoreAnswer<byte[]>(Enum.Parse<StoreOutcome>(outcome), null, "no network");
        Assert.Equal([1, 2], await Replay(inMailbox: true).ReadRawAsync(Token));
        Assert.Equal("raw 42", _desk.Steps);
    }

    [Fact]
    public async Task Not_known_is_not_gone()
    {
        _desk.StoredRaw = new StoreAnswer<byte[]>(StoreOutcome.Unreachable, null, "no network");
        Assert.Contains("no network", (await Assert.ThrowsAsync<IOException>(() => Replay(inMailbox: false).ReadRawAsync(Token))).Message, StringComparison.Ordinal);
        _desk.StoredRaw = new StoreAnswer<byte[]>(StoreOutcome.Done, []);
        Assert.Null(await Replay(inMailbox: false).ReadRawAsync(Token));
    }

    [Fact]
    public async Task A_replay_is_taken_once_counted_and_cleared_away_by_a_success_alone()
    {
        var replay = Replay(inMailbox: true);
        await replay.LeaveAsync(Token);
        Assert.False(replay.Begun.IsCompleted);
        Assert.True(await replay.BeginAsync(Token));
        Assert.True(replay.Begun.IsCompleted);
        Assert.True(await replay.BeginAsync(Token));
        Assert.Equal(2, replay.Attempts);
        replay.Unbegin();
        Assert.Equal(1, replay.Attempts);
        Assert.Equal("take 42-1", _desk.Steps);
        Assert.Equal((false, true), (replay.Done, Replay(inMailbox: true).InMailbox));
        await replay.MissAsync(Token);
        await replay.SettleAsync(delivered: false, Token);
        Assert.Equal("take 42-1", _desk.Steps);
        await replay.SettleAsync(delivered: true, Token);
        Assert.Equal("take 42-1,remove", _desk.Steps);
    }

    [Fact]
    public async Task A_first_attempt_is_on_record_before_it_begins_only_where_that_is_needed()
    {
        Assert.True(await _desk.Open(1).BeginAsync(Token));
        Assert.Empty(_desk.Steps);
        Assert.Equal(1, _desk.Recorded!.Open[1].Attempts);
        var record = _desk.Open(2, careful: true);
        Assert.True(await record.BeginAsync(Token));
        Assert.True(await record.BeginAsync(Token));
        Assert.Equal("flush,flush", _desk.Steps);
        record.Unbegin();
        Assert.Equal((1, 1), (record.Attempts, _desk.Recorded!.Open[2].Attempts));
        await record.LeaveAsync(Token);
    }

    public void Dispose() => _desk.Dispose();

    private ReplayRecord Replay(bool inMailbox) => new(Poison, "42-1", inMailbox, _desk, _desk);
}
