using ImapTrigger.Imap;
using ImapTrigger.Listening;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class ConnectGateTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixteen_at_a_time_enter_and_hosts_do_not_wait_for_each_other()
    {
        var gate = new ConnectGate(_time);
        var inside = new List<IDisposable>();
        for (var i = 0; i < 16; i++)
            inside.Add(await gate.EnterAsync("a", Token));
        var next = gate.EnterAsync("A", Token);
        var last = gate.EnterAsync("A", Token);
        Assert.False(next.IsCompleted);
        (await gate.EnterAsync("b", Token)).Dispose();
        inside[0].Dispose();
        var entered = await next;
        Assert.False(last.IsCompleted);
        entered.Dispose();
        (await last).Dispose();
    }

    [Fact]
    public async Task A_host_that_asks_for_patience_gets_it_from_all()
    {
        var gate = new ConnectGate(_time);
        gate.Heed("a", new ImapSessionException(ImapSessionError.Throttled, "Enough") { RetryAfter = TimeSpan.FromMinutes(10) });
        gate.Heed("a", new ImapSessionException(ImapSessionError.Throttled, "Enough") { RetryAfter = TimeSpan.FromMinutes(1) });
        var entering = gate.EnterAsync("a", Token);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(entering.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(2));
        (await entering).Dispose();
    }

    [Fact]
    public async Task One_that_does_not_say_for_how_long_is_left_alone_for_half_a_minute()
    {
        var gate = new ConnectGate(_time);
        gate.Heed("a", new ImapSessionException(ImapSessionError.Throttled, "Enough"));
        var entering = gate.EnterAsync("a", Token);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(entering.IsCompleted);
        (await gate.EnterAsync("b", Token)).Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await entering).Dispose();
    }

    [Fact]
    public async Task Nothing_else_closes_a_host_to_others()
    {
        var gate = new ConnectGate(_time);
        foreach (var error in Enum.GetValues<ImapSessionError>().Where(error => error != ImapSessionError.Throttled))
            gate.Heed("a", new ImapSessionException(error, "Too many connections, try again later") { RetryAfter = TimeSpan.FromMinutes(10) });
        gate.Heed("a", new FormatException("Too many connections"));
        Assert.True(gate.EnterAsync("a", Token).IsCompletedSuccessfully);
        (await gate.EnterAsync("a", Token)).Dispose();
    }
}
