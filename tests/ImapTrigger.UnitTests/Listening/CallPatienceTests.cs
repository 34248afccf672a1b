using ImapTrigger.Delivery;
using ImapTrigger.Listening;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Listening;

public sealed class CallPatienceTests : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _cancelling = new();
    private readonly CancellationTokenSource _abandoning = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ending;
    private readonly CallPatience _patience;

    public CallPatienceTests()
    {
        _ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, _lost.Token);
        _patience = new CallPatience(Grace, _time, new CallTokens(_cancelling.Token, _abandoning.Token), _stopping.Token, _lost.Token, _ending.Token);
    }

    private (bool Cancelled, bool Abandoned) Calls => (_patience.Tokens.Cancelled.IsCancellationRequested, _patience.Tokens.Abandoned.IsCancellationRequested);

    [Fact]
    public void At_a_stop_the_listener_says_what_becomes_of_calls()
    {
        _stopping.Cancel();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((false, false), Calls);
        _cancelling.Cancel();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((true, false), Calls);
        _abandoning.Cancel();
        Assert.Equal((true, true), Calls);
    }

    [Fact]
    public void When_ownership_is_lost_they_are_cancelled_at_once_and_abandoned_after_the_grace_period()
    {
        _lost.Cancel();
        Assert.Equal((true, false), Calls);
        _time.Advance(Grace);
        Assert.Equal((true, true), Calls);
    }

    [Fact]
    public void When_a_partition_is_handed_over_they_may_finish_but_not_for_ever()
    {
        _ending.Cancel();
        _time.Advance(RunningCalls.Long - TimeSpan.FromSeconds(1));
        Assert.Equal((false, false), Calls);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, false), Calls);
        _time.Advance(Grace);
        Assert.Equal((true, true), Calls);
    }

    public void Dispose()
    {
        _patience.Dispose();
        foreach (var source in new[] { _cancelling, _abandoning, _stopping, _lost, _ending })
            source.Dispose();
    }
}
