using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>A mailbox without a cursor begins as the attribute says; one that has a cursor goes on from it, whatever the attribute says.</summary>
public sealed class StartTests : IAsyncDisposable
{
    private const int Backlog = 1_300;
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start(new ImapTestServerOptions());

    /// <summary>Of 1,300 messages, one an hour, every tenth has not been read; more than may be open at once.</summary>
    [Theory]
    [InlineData("now", 0)]
    [InlineData("all", Backlog)]
    [InlineData("unseen", Backlog / 10)]
    [InlineData("2.00:30:00", 48)]
    public async Task It_begins_with_what_it_says_in_order_and_then_goes_on(string start, int there)
    {
        var account = _server.AddAccount("ann", "secret");
        var now = DateTimeOffset.UtcNow;
        for (var i = 1; i <= Backlog; i++)
            account.Inbox.Append(OddMessages.Plain($"m{i}"), i % 10 == 0 ? [] : [@"\Seen"], now.AddHours(i - Backlog - 1));
        var inbox = new Inbox<ImapEvent>();
        await using (var app = await (await StartAsync(inbox, start)).WatchingAsync())
        {
            await app.Logs.WaitForAsync(408, there);
            account.Inbox.Append(OddMessages.Plain("new"), [@"\Seen"]);
            await app.Logs.WaitForAsync(408, there + 1);
        }

        Assert.Equal(there + 1, inbox.Got.Count);
        Assert.Equal(inbox.Got.Select(mail => mail.Uid).Order(), inbox.Got.Select(mail => mail.Uid));
        Assert.Equal("new", inbox.Got[^1].Subject);
        Assert.All(inbox.Got.SkipLast(1), mail => Assert.True(start != "unseen" || mail.Uid % 10 == 0));

        // It has a cursor now.
        var later = new Inbox<ImapEvent>();
        await using var again = await (await StartAsync(later, "all")).WatchingAsync();
        account.Inbox.Append(OddMessages.Plain("newer"));
        Assert.Equal("newer", Assert.Single(await later.WaitForAsync(1)).Subject);
    }

    [Fact]
    public async Task A_word_that_is_none_ends_the_start()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(new Inbox<ImapEvent>(), "yesterday"));
        Assert.Contains("Start: '%START%' is none of now, unseen, all, a time such as 7.00:00:00", error.ToString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private Task<FunctionApp> StartAsync(Inbox<ImapEvent> inbox, string start) => FunctionApp.StartAsync(
        typeof(Functions),
        inbox,
        [
            new("Imap:host", _server.Host), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"), new("Imap:userName", "ann"), new("Imap:password", "secret"),
            new("START", start), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
        ]);

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(Start = "%START%")] ImapEvent mail) => inbox.Add(mail);
    }
}
