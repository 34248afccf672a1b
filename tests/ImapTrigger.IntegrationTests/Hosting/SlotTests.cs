using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>Two hosts with one state name and different mailboxes: two slots of a site, a rolling deployment.</summary>
public sealed class SlotTests(InProcessServer server, AzuriteServer azurite) : IClassFixture<InProcessServer>, IClassFixture<AzuriteServer>
{
    private readonly string _name = $"slots-{Guid.NewGuid():N}";

    [Theory]
    // As f24 has it.
    [InlineData(4, 4, 2)]
    // Among so many some fall into one partition.
    [InlineData(20, 20, 20)]
    // The second has what the first has, and more.
    [InlineData(16, 0, 24)]
    public async Task Every_mailbox_of_either_is_watched_by_one_that_has_it(int ofFirst, int secondBegins, int ofSecond)
    {
        var (first, second) = (new Inbox<ImapEvent>(), new Inbox<ImapEvent>());
        await using var one = await StartAsync(first, 0, ofFirst);
        await one.Logs.WaitForAsync(300, ofFirst);
        await using var two = await StartAsync(second, secondBegins, ofSecond);
        var users = Enumerable.Range(0, ofFirst).Union(Enumerable.Range(secondBegins, ofSecond)).Select(UserOf).ToArray();
        var watched = 0;
        for (var round = 0; watched < users.Length; round++)
        {
            // Mail to all again and again: what is not watched yet begins with mail that comes later.
            Assert.True(round < 60, $"{watched} of {users.Length} mailboxes are watched.");
            foreach (var user in users)
                await server.DeliverAsync(user, [OddMessages.Plain($"round{round}")]);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            watched = first.Got.Concat(second.Got).Select(mail => mail.Account).Distinct().Count();
        }

        Assert.All(first.Got, mail => Assert.Contains(mail.Account, Enumerable.Range(0, ofFirst).Select(UserOf)));
        Assert.All(second.Got, mail => Assert.Contains(mail.Account, Enumerable.Range(secondBegins, ofSecond).Select(UserOf)));
        // Nothing twice, and none that a change of hands has left out.
        foreach (var ofOne in first.Got.Concat(second.Got).GroupBy(mail => mail.Account))
            Assert.Equal(ofOne.Select(mail => mail.Uid).Distinct().Count(), ofOne.Count());
        Assert.DoesNotContain(one.Logs.Entries.Concat(two.Logs.Entries), entry => entry.EventId is 202 or 206 or 208);
    }

    private string UserOf(int i) => $"{_name}-{i}";

    private Task<FunctionApp> StartAsync(Inbox<ImapEvent> inbox, int begin, int count) => FunctionApp.StartAsync(
        typeof(Functions),
        inbox,
        [
            .. Enumerable.Range(begin, count).SelectMany((i, n) => server.Settings(UserOf(i)).Select(setting => KeyValuePair.Create(setting.Key.Replace("Imap:", $"Imap:{n}:", StringComparison.Ordinal), setting.Value))),
            new("AzureWebJobsStorage", azurite.ConnectionString), new("AzureWebJobs:extensions:imapIdle:stateName", _name),
        ]);

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
