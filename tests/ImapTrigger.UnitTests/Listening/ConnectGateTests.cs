using ImapTrigger.Listening;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class ConnectGateTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_at_a_time_enter_and_hosts_do_not_wait_for_each_other()
    {
        var gate = new ConnectGate(_time);
        var inside = new List<IDisposable>();
        for (var i = 0; i < 4; i++)
            inside.Add(await gate.EnterAsync("a", Token));
        var fifth = gate.EnterAsync("A", Token);
        Assert.False(fifth.IsCompleted);
        (await gate.EnterAsync("b", Token)).Dispose();
        inside[0].Dispose();
        (await fifth).Dispose();
    }

    [Fact]
    public async Task A_host_that_asks_for_patience_gets_it_from_all()
    {
        var gate = new ConnectGate(_time);
        gate.Close("a", TimeSpan.FromMinutes(10));
        gate.Close("a", TimeSpan.FromMinutes(1));
        var entering = gate.EnterAsync("a", Token);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(entering.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(2));
        (await entering).Dispose();
    }
}
