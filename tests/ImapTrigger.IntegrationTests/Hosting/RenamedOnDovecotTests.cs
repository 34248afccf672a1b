using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>The same on a real server, with the state in blobs: another login name for one mailbox, and another name of the function at once.</summary>
public sealed class RenamedOnDovecotTests(DovecotServer dovecot, AzuriteServer azurite) : IClassFixture<DovecotServer>, IClassFixture<AzuriteServer>
{
    private readonly Inbox<ImapEvent> _inbox = new();

    [Theory]
    [InlineData("same", false)]
    [InlineData("renamed", true)]
    public async Task Another_login_name_goes_on_when_the_message_that_was_settled_last_shows_that_the_mailbox_is_the_same(string user, bool renamed)
    {
        await dovecot.DeliverAsync(user, [OddMessages.Plain("old")]);
        dovecot.AddLogin(user, $"{user}@example.org");
        await using (var app = await StartAsync(typeof(OnMail), user, user))
        {
            await dovecot.DeliverAsync(user, [OddMessages.Plain("one")]);
            await app.Logs.WaitForAsync(408);
        }

        await dovecot.DeliverAsync(user, [OddMessages.Plain("meanwhile")]);
        await using var again = await StartAsync(renamed ? typeof(OnLetter) : typeof(OnMail), $"{user}@example.org", user);
        Assert.Equal(["one", "meanwhile"], (await _inbox.WaitForAsync(2)).Select(mail => mail.Subject));
        Assert.Contains(again.Logs.Entries, entry => entry.EventId == 340);
    }

    [Fact]
    public async Task Another_mailbox_in_which_another_message_has_that_number_begins_from_now_on()
    {
        await dovecot.DeliverAsync("first", [OddMessages.Plain("old")]);
        await dovecot.DeliverAsync("second", [OddMessages.Plain("a"), OddMessages.Plain("b"), OddMessages.Plain("c")]);
        await using (var app = await StartAsync(typeof(OnMail), "first", "another"))
        {
            await dovecot.DeliverAsync("first", [OddMessages.Plain("one")]);
            await app.Logs.WaitForAsync(408);
        }

        await using var again = await StartAsync(typeof(OnMail), "second", "another");
        Assert.Contains(again.Logs.Entries, entry => entry.EventId == 341);
        Assert.Single(_inbox.Got);
    }

    private async Task<FunctionApp> StartAsync(Type function, string user, string app)
    {
        KeyValuePair<string, string?>[] settings = [.. dovecot.Settings(user), new("AzureWebJobsStorage", azurite.ConnectionString), new("AzureWebJobs:extensions:imapIdle:stateName", app)];
        return await (await FunctionApp.StartAsync(function, _inbox, settings)).WatchingAsync();
    }

    private sealed class OnMail(Inbox<ImapEvent> inbox)
    {
        public void Run([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class OnLetter(Inbox<ImapEvent> inbox)
    {
        public void Run([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
