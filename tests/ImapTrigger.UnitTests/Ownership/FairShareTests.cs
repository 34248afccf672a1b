using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class FairShareTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(10, 3)]
    [InlineData(32, 1)]
    [InlineData(32, 5)]
    [InlineData(3, 10)]
    public void However_many_they_are_they_settle_within_one(int partitions, int instances)
    {
        var random = new Random(partitions + instances);
        var wanted = Enumerable.Range(0, partitions).ToArray();
        var names = Enumerable.Range(0, instances).Select(i => $"i{i}").ToArray();
        // The first has everything.
        var owners = wanted.ToDictionary(partition => partition, _ => (string?)names[0]);
        for (var round = 0; round < 20; round++)
        {
            foreach (var name in names.OrderBy(_ => random.Next()))
            {
                var mine = owners.Where(entry => entry.Value == name).Select(entry => entry.Key).ToArray();
                var (acquire, release) = FairShare.Plan(wanted, new StoreView(owners, names), mine, name);
                foreach (var partition in release)
                    owners.Remove(partition);
                foreach (var partition in acquire)
                    Assert.True(owners.TryAdd(partition, name));
            }
        }

        var shares = names.Select(name => owners.Values.Count(owner => owner == name)).ToArray();
        Assert.Equal(partitions, shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    }

    [Fact]
    public void Nothing_is_handed_over_that_nobody_needs()
    {
        var held = new Dictionary<int, string?> { [0] = "me", [1] = "me" };
        var (acquire, release) = FairShare.Plan([0, 1], new StoreView(held, ["me"]), [0, 1], "me");
        Assert.Empty(acquire);
        Assert.Empty(release);
    }
}
