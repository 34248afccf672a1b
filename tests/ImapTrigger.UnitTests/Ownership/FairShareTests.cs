using System.Collections.Immutable;
using ImapTrigger.Ownership;

namespace ImapTrigger.UnitTests.Ownership;

public sealed class FairShareTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5, Random.Shared.Next()];

    [Theory]
    [InlineData(1, 3)]
    [InlineData(10, 3)]
    [InlineData(32, 1)]
    [InlineData(32, 5)]
    [InlineData(3, 10)]
    public void However_many_they_are_they_settle_within_one(int partitions, int instances)
    {
        var wanted = Want([.. Enumerable.Range(0, partitions)]);
        var names = Enumerable.Range(0, instances).Select(i => new Presence($"i{i}") { Wanted = wanted }).ToArray();
        // The first has everything.
        var owners = wanted.Keys.ToDictionary(partition => partition, _ => names[0].Name);
        Settle(names, owners, new Random(partitions + instances));
        var shares = names.Select(name => owners.Values.Count(owner => owner == name.Name)).ToArray();
        Assert.Equal(partitions, shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_they_want_each_gets_what_it_alone_wants_and_a_fair_part_of_the_rest(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var names = Enumerable.Range(0, random.Next(1, 6)).Select(n => new Presence($"i{n}") { Wanted = Want([.. Enumerable.Range(0, 16).Where(_ => random.Next(3) > 0)]) }).ToArray();
            var wanted = names.SelectMany(name => name.Wanted!.Keys).ToHashSet();
            // Left over from whatever lists there were before.
            var owners = wanted.Where(_ => random.Next(2) == 0).ToDictionary(partition => partition, _ => names[random.Next(names.Length)].Name);
            Settle(names, owners, random);
            Assert.True(wanted.SetEquals(owners.Keys), $"Seed {seed}, {i}: not all are owned.");
            foreach (var (partition, owner) in owners)
            {
                var who = names.Where(name => name.Wanted!.ContainsKey(partition)).Select(name => name.Name).ToArray();
                Assert.True(who.Contains(owner), $"Seed {seed}, {i}: {owner} does not want {partition}.");
                Assert.All(who, other => Assert.InRange(Load(owner) - Load(other), int.MinValue, 1));
            }

            int Load(string name) => owners.Values.Count(owner => owner == name);
        }
    }

    [Fact]
    public void Two_slots_with_other_mailboxes_get_all_of_theirs()
    {
        Presence[] slots = [new("production") { Wanted = Want([0, 1, 2, 3]) }, new("staging") { Wanted = Want([4, 5]) }];
        var owners = new Dictionary<int, string>();
        Settle(slots, owners, new Random(1));
        Assert.Equal((4, 2), (owners.Values.Count(owner => owner == "production"), owners.Values.Count(owner => owner == "staging")));
    }

    [Fact]
    public void Nothing_is_handed_over_that_nobody_needs()
    {
        var me = new Presence("me") { Wanted = Want([0, 1]) };
        var (acquire, release) = FairShare.Plan(me, ViewOf([me], new Dictionary<int, string> { [0] = "me", [1] = "me" }), [0, 1]);
        Assert.Empty(acquire);
        Assert.Empty(release);
    }

    [Fact]
    public void Nothing_is_handed_to_one_who_has_other_mailboxes_there()
    {
        var me = new Presence("me") { Wanted = Want([0, 1, 2, 3]) };
        var (_, release) = FairShare.Plan(
            me, ViewOf([me, new Presence("other") { Wanted = Want([0, 1, 2, 3], digest: 2) }], Enumerable.Range(0, 4).ToDictionary(partition => partition, _ => "me")), [0, 1, 2, 3]);
        Assert.Empty(release);
    }

    [Fact]
    public void Of_an_instance_that_does_not_say_what_it_wants_we_believe_that_it_wants_the_same()
    {
        var me = new Presence("me") { Wanted = Want([0, 1]) };
        var (_, release) = FairShare.Plan(me, ViewOf([me, new Presence("older")], new Dictionary<int, string> { [0] = "me", [1] = "me" }), [0, 1]);
        Assert.Single(release);
    }

    /// <summary>Rounds in which everybody looks and moves, in any order.</summary>
    private static void Settle(IReadOnlyList<Presence> names, Dictionary<int, string> owners, Random random)
    {
        for (var round = 0; round < 20; round++)
        {
            foreach (var name in names.OrderBy(_ => random.Next()))
            {
                var mine = owners.Where(entry => entry.Value == name.Name).Select(entry => entry.Key).ToArray();
                var (acquire, release) = FairShare.Plan(name, ViewOf(names, owners), mine);
                foreach (var partition in release)
                    owners.Remove(partition);
                foreach (var partition in acquire)
                    Assert.True(owners.TryAdd(partition, name.Name));
            }
        }
    }

    private static ImmutableSortedDictionary<int, int> Want(int[] partitions, int digest = 1) => partitions.ToImmutableSortedDictionary(partition => partition, _ => digest);

    private static StoreView ViewOf(IReadOnlyCollection<Presence> names, Dictionary<int, string> owners) =>
        new(owners.ToDictionary(entry => entry.Key, entry => new PartitionView(IsHeld: true, entry.Value)), names);
}
