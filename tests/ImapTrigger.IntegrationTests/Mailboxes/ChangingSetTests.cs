using System.Diagnostics;

namespace ImapTrigger.IntegrationTests.Mailboxes;

/// <summary>A set that changes all the time while mail comes. <c>./test.sh sets --minutes 10</c> changes 100 mailboxes a minute for so long.</summary>
public sealed class ChangingSetTests
{
    private const int Mailboxes = 300;

    /// <summary>The first are in the list all the time, and nothing of theirs changes.</summary>
    private const int Untouched = 100;

    private const int AtATime = 10;
    private static readonly int Minutes = ManyMailboxes.Setting("SET_MINUTES", 0);

    [Fact]
    public async Task A_set_that_changes_under_load_loses_and_doubles_nothing_and_disturbs_nobody_else()
    {
        await using var many = new ManyMailboxes(Mailboxes);
        await many.StartAsync();
        var random = new Random(1);
        var isOut = new bool[Mailboxes];
        var tags = new string?[Mailboxes];
        var began = Stopwatch.GetTimestamp();
        var (went, came, changed) = (0, 0, 0);
        var changes = Minutes > 0 ? Minutes * 100 / AtATime : 12;
        for (var change = 1; change <= changes; change++)
        {
            foreach (var i in Enumerable.Range(0, AtATime).Select(_ => random.Next(Untouched, Mailboxes)).Distinct())
            {
                // A third goes or comes back, and of those that stay some are called differently.
                if (random.Next(3) == 0 && !isOut[i])
                {
                    tags[i] = $"tag-{change}";
                    changed++;
                    continue;
                }

                isOut[i] = !isOut[i];
                _ = isOut[i] ? went++ : came++;
            }

            many.Say(Mailboxes, i => tags[i], i => isOut[i]);
            await many.App.Logs.WaitForAsync(330, change + 1);
            // Also to those that are out: they get it when they come back.
            var due = began + (long)(change * 60.0 * AtATime / 100 * Stopwatch.Frequency);
            do
            {
                for (var n = 0; n < 20; n++)
                    many.Deliver(random.Next(Mailboxes));
                if (Minutes > 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
            }
            while (Minutes > 0 && Stopwatch.GetTimestamp() < due);
        }

        many.Say(Mailboxes, i => tags[i]);
        await many.Inbox.WaitForAsync(many.Sent);
        Assert.Equal(many.Sent, many.Inbox.Got.DistinctBy(mail => (mail.Account, mail.Uid)).Count());
        Assert.Equal(many.Sent, many.Inbox.Got.Count);
        var sessions = many.Sessions();
        Assert.All(many.Names.Take(Untouched), name => Assert.Equal(1, sessions[name]));
        Assert.DoesNotContain(many.App.Logs.Entries, entry => entry.EventId is 202 or 206 or 207 or 305);
        ManyMailboxes.Print(new { Minutes, changes, went, came, changed, delivered = many.Inbox.Got.Count, lost = 0, twice = 0, sessionsOfUntouched = sessions.Where(session => many.Names.Take(Untouched).Contains(session.Key)).Sum(session => session.Value) });
    }
}
