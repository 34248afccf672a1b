using ImapTrigger.Ownership;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class LeftBehindTests : IAppRecords
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();
    private readonly LeftBehind _left;
    private Func<CancellationToken, Task<StoreAnswer<IReadOnlyList<StoredCursor>>>> _answer = _ => Task.FromResult(new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Done, []));
    private string? _except;
    private int _reads;

    public LeftBehindTests() => _left = new LeftBehind(this, "f", () => ["f", "g"], _time);

    public string Location => "memory";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_mailboxes_share_one_reading_as_long_as_it_is_young_enough()
    {
        Assert.Equal(StoreOutcome.Done, (await _left.ReadAsync(Age, Token)).Outcome);
        _time.Advance(Age);
        await _left.ReadAsync(Age, Token);
        Assert.Equal(1, _reads);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _left.ReadAsync(Age, Token);
        Assert.Equal(2, _reads);
        // Not those of other functions that run: what is theirs is not left behind. Ours may be.
        Assert.Equal("g", _except);
    }

    [Fact]
    public async Task One_that_is_under_way_is_waited_for_however_long_it_takes_up_to_its_deadline()
    {
        _answer = async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        var first = _left.ReadAsync(TimeSpan.Zero, Token);
        _time.Advance(TimeSpan.FromSeconds(29));
        var second = _left.ReadAsync(TimeSpan.Zero, Token);
        Assert.Equal(1, _reads);
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Unreachable, null, "no answer within 30 s"), await first);
        Assert.Equal(await first, await second);
    }

    [Fact]
    public async Task What_a_store_throws_is_an_answer()
    {
        _answer = _ => throw new AggregateException(new IOException("no network"));
        Assert.Equal(new StoreAnswer<IReadOnlyList<StoredCursor>>(StoreOutcome.Unreachable, null, "no network"), await _left.ReadAsync(Age, Token));
    }

    [Fact]
    public void A_cursor_is_ours_by_its_function()
    {
        var cursor = new StoredCursor("f", "m", MailboxCursor.Wanted(default), IsHeld: false, default);
        Assert.True(_left.IsOurs(cursor));
        Assert.False(_left.IsOurs(cursor with { Function = "F" }));
        Assert.Equal("memory", _left.Location);
    }

    Task<StoreAnswer<IReadOnlyList<StoredCursor>>> IAppRecords.ReadAsync(IReadOnlyCollection<string> except, CancellationToken cancellationToken)
    {
        _reads++;
        _except = string.Join(',', except);
        return _answer(cancellationToken);
    }
}
