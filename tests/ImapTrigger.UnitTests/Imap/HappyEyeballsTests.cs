using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using ImapTrigger.Imap;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Imap;

public sealed class HappyEyeballsTests
{
    private static readonly IPAddress Six = IPAddress.Parse("2001:db8::1");
    private static readonly IPAddress OtherSix = IPAddress.Parse("2001:db8::2");
    private static readonly IPAddress Four = IPAddress.Parse("192.0.2.1");

    /// <summary>Ends a test that waits for what does not come.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly Channel<IPAddress> _tried = Channel.CreateUnbounded<IPAddress>();
    private readonly Dictionary<IPAddress, TaskCompletionSource<Connection>> _answers = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_families_take_turns() => Assert.Equal([Six, Four, OtherSix], HappyEyeballs.Interleave([Six, OtherSix, Four]));

    [Fact]
    public async Task An_address_that_does_not_answer_is_overtaken_after_a_moment_and_what_comes_late_is_closed()
    {
        var connecting = ConnectAsync(Six, Four);
        Assert.Equal(Six, await TriedAsync());
        Assert.False(_tried.Reader.TryPeek(out _));
        _time.Advance(HappyEyeballs.AttemptDelay);
        Assert.Equal(Four, await TriedAsync());
        var four = Answer(Four);
        Assert.Same(four, await connecting);
        var late = Answer(Six);
        await late.Closed.WaitAsync(Limit, Token);
        Assert.False(four.Closed.IsCompleted);
    }

    [Fact]
    public async Task One_that_fails_is_followed_at_once()
    {
        var connecting = ConnectAsync(Six, Four);
        Fail(Six, SocketError.NetworkUnreachable);
        Assert.Same(Answer(Four), await connecting);
    }

    [Fact]
    public async Task The_slow_first_still_wins_when_the_second_fails()
    {
        var connecting = ConnectAsync(Six, Four);
        _time.Advance(HappyEyeballs.AttemptDelay);
        Fail(Four, SocketError.ConnectionRefused);
        Assert.Same(Answer(Six), await connecting);
    }

    [Fact]
    public async Task When_all_fail_the_one_that_tells_most_is_told()
    {
        var connecting = ConnectAsync(Six, Four, OtherSix);
        Fail(Six, SocketError.NetworkUnreachable);
        Fail(Four, SocketError.ConnectionRefused);
        Fail(OtherSix, SocketError.NetworkUnreachable);
        var e = await Assert.ThrowsAsync<SocketException>(() => connecting);
        Assert.Equal(SocketError.ConnectionRefused, e.SocketErrorCode);
    }

    [Fact]
    public async Task A_name_without_addresses_is_not_found() =>
        Assert.Equal(SocketError.HostNotFound, (await Assert.ThrowsAsync<SocketException>(() => ConnectAsync())).SocketErrorCode);

    [Fact]
    public async Task Giving_up_gives_up_all()
    {
        using var enough = new CancellationTokenSource();
        var connecting = HappyEyeballs.ConnectAsync([Six, Four], static async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return new Connection();
        }, _time, enough.Token);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    private Task<Connection> ConnectAsync(params IPAddress[] addresses)
    {
        foreach (var address in addresses)
            _answers[address] = new TaskCompletionSource<Connection>();
        return HappyEyeballs.ConnectAsync(addresses, (address, _) =>
        {
            _tried.Writer.TryWrite(address);
            return _answers[address].Task;
        }, _time, Token);
    }

    private async Task<IPAddress> TriedAsync() => await _tried.Reader.ReadAsync(Token).AsTask().WaitAsync(Limit, Token);

    private Connection Answer(IPAddress address)
    {
        var connection = new Connection();
        _answers[address].SetResult(connection);
        return connection;
    }

    private void Fail(IPAddress address, SocketError error) => _answers[address].SetException(new SocketException((int)error));

    private sealed class Connection : IDisposable
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closed => _closed.Task;

        public void Dispose() => _closed.TrySetResult();
    }
}
