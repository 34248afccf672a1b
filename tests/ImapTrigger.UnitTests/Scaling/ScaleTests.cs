using ImapTrigger.Ownership;
using ImapTrigger.Scaling;
using ImapTrigger.UnitTests.Ownership;
using Microsoft.Azure.WebJobs.Host.Scale;
using Microsoft.Extensions.Time.Testing;

namespace ImapTrigger.UnitTests.Scaling;

public sealed class ScaleTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPartitionStore _store;

    public ScaleTests() => _store = new MemoryPartitionStore(_time);

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 0, 5000, 1)]
    [InlineData(1, 1, 0, 1)]
    [InlineData(1, 1, 900_000, 1)]
    [InlineData(10, 9, 0, 1)]
    [InlineData(10, 9, 3500, 4)]
    [InlineData(10, 9, 900_000, 9)]
    [InlineData(1000, 32, 0, 5)]
    [InlineData(1000, 32, 9001, 10)]
    public async Task The_target_follows_mailboxes_and_backlog_and_stays_between_one_and_the_partitions(int mailboxes, int partitions, long open, int target)
    {
        _store.Open = open;
        Assert.Equal(target, (await Provider(mailboxes, partitions).GetTargetScaler().GetScaleResultAsync(new TargetScalerContext())).TargetWorkerCount);
    }

    [Fact]
    public async Task With_the_storage_away_the_last_backlog_counts()
    {
        var scaler = Provider(10, 9).GetTargetScaler();
        _store.Open = 3500;
        Assert.Equal(4, (await scaler.GetScaleResultAsync(new TargetScalerContext())).TargetWorkerCount);
        _store.Says = _ => new StoreAnswer(StoreOutcome.Unreachable, "away");
        Assert.Equal(4, (await scaler.GetScaleResultAsync(new TargetScalerContext())).TargetWorkerCount);
        Assert.Equal(1, (await Provider(10, 9).GetTargetScaler().GetScaleResultAsync(new TargetScalerContext())).TargetWorkerCount);
    }

    [Fact]
    public async Task The_monitor_votes_out_at_once_and_in_when_five_samples_agree()
    {
        var monitor = (IScaleMonitor<ImapIdleScaleMetrics>)Provider(10, 9).GetMonitor();
        Assert.Equal("f", monitor.Descriptor.FunctionId);
        _store.Open = 3500;
        var busy = await monitor.GetMetricsAsync();
        Assert.Equal((10, 3500, 4), (busy.Mailboxes, busy.Open, busy.Target));
        _store.Open = 0;
        var calm = await monitor.GetMetricsAsync();
        Assert.Equal(ScaleVote.ScaleOut, Vote(1, calm, busy));
        Assert.Equal(ScaleVote.None, Vote(4, busy));
        Assert.Equal(ScaleVote.None, Vote(4, busy, calm, calm, calm, calm));
        Assert.Equal(ScaleVote.ScaleIn, Vote(4, busy, calm, calm, calm, calm, calm));
        Assert.Equal(ScaleVote.None, Vote(1, calm, calm, calm, calm, calm));
        Assert.Equal(ScaleVote.ScaleOut, Vote(0));

        ScaleVote Vote(int workers, params ImapIdleScaleMetrics[] samples) =>
            monitor.GetScaleStatus(new ScaleStatusContext<ImapIdleScaleMetrics> { WorkerCount = workers, Metrics = samples }).Vote;
    }

    private ImapIdleScalerProvider Provider(int mailboxes, int partitions) => new("f", _ => Task.FromResult(new ScaleRule(mailboxes, partitions, MailboxesPerInstance: 200)), _store, _time);
}
