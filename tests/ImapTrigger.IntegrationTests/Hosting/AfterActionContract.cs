using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;
using MailKit;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What is done to a message after success, on whatever server; another client sees it.</summary>
public abstract class AfterActionContract(IMailServer server) : IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Theory]
    [InlineData("seen")]
    [InlineData("keyword:Handled")]
    public async Task On_success_a_message_is_flagged(string action)
    {
        await using var app = await StartAsync(action);
        await server.DeliverAsync(_user, [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(408, times: 2);
        await using var person = await MailClient.ConnectAsync(server, _user);
        var messages = await person.MessagesAsync("INBOX");
        Assert.Equal(["one", "two"], messages.Select(message => message.Envelope!.Subject));
        Assert.All(messages, message => Assert.Equal(action == "seen", message.Flags!.Value.HasFlag(MessageFlags.Seen)));
        Assert.All(messages, message => Assert.Equal(action == "seen" ? [] : ["Handled"], message.Keywords));
    }

    [Theory]
    [InlineData("move")]
    [InlineData("delete")]
    public async Task On_success_a_message_is_moved_or_deleted_and_that_one_alone(string action)
    {
        await using var person = await MailClient.ConnectAsync(server, _user);
        await person.CreateAsync("Done");
        // Somebody else's, flagged and not expunged: a plain EXPUNGE would take it along.
        await person.AppendAsync("INBOX", OddMessages.Plain("other"), MessageFlags.Deleted);
        await using var app = await StartAsync(action == "move" ? $"move:{server.Traits.PathOf("Done")}" : action);
        await server.DeliverAsync(_user, [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(408, times: 2);
        Assert.Equal(["other"], (await person.MessagesAsync("INBOX")).Select(message => message.Envelope!.Subject));
        Assert.Equal(action == "move" ? ["one", "two"] : [], (await person.MessagesAsync("Done")).Select(message => message.Envelope!.Subject).Order());
        Assert.False(app.Logs.Has(406));
    }

    [Fact]
    public async Task An_action_that_the_server_refuses_is_told_and_holds_nothing_up()
    {
        await using var app = await StartAsync($"move:{server.Traits.PathOf("No such folder")}");
        await server.DeliverAsync(_user, [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(406, times: 2);
        await app.Logs.WaitForAsync(408, times: 2);
    }

    public void Dispose()
    {
        _state.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task<FunctionApp> StartAsync(string onSuccess) => await (await FunctionApp.StartAsync(
        typeof(Metadata),
        new Inbox<ImapEvent>(),
        [.. server.Settings(_user), new("ON_SUCCESS", onSuccess), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)])).WatchingAsync();

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnSuccess = "%ON_SUCCESS%")] ImapEvent mail) => inbox.Add(mail);
    }
}
