using ImapTrigger.Supervision;

namespace ImapTrigger.UnitTests.Supervision;

public sealed class BackoffTests
{
    private static readonly Backoff Waits = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(100));

    /// <summary>What has failed together must not come back together.</summary>
    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(4, 80)]
    [InlineData(5, 100)]
    [InlineData(int.MaxValue, 100)]
    public void A_wait_doubles_up_to_its_cap_and_is_varied_by_a_fifth(int failures, double seconds)
    {
        var waits = Enumerable.Range(0, 1000).Select(_ => Waits.After(failures).TotalSeconds).ToArray();
        Assert.All(waits, wait => Assert.InRange(wait, seconds * 0.8, seconds * 1.2));
        Assert.InRange(waits.Min(), 0, seconds * 0.85);
        Assert.InRange(waits.Max(), seconds * 1.15, double.MaxValue);
    }
}
