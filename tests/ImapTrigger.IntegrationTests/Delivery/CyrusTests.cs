using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Delivery;

/// <summary>What Cyrus alone does (docs/providers.md): a mailbox has an administrator's name, too, and its MAILBOXID in STATUS may be arbitrary bytes.</summary>
public sealed class CyrusTests(CyrusServer server) : IClassFixture<CyrusServer>, IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly Inbox<ImapEvent> _inbox = new();

    [Fact]
    public async Task A_move_into_the_inbox_by_its_administrators_name_is_refused_and_the_messages_stay()
    {
        await server.DeliverAsync(_user, [OddMessages.Plain("old")]);
        await using var app = await StartAsync($"move:user.{_user}");
        await server.DeliverAsync(_user, [OddMessages.Plain("one")]);
        await app.Logs.WaitForAsync(408);
        await server.DeliverAsync(_user, [OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(408, times: 2);
        await using var person = await MailClient.ConnectAsync(server, _user);
        Assert.Equal(["old", "one", "two"], (await person.MessagesAsync("INBOX")).Select(message => message.Envelope!.Subject));
        Assert.Equal(["one", "two"], _inbox.Got.Select(mail => mail.Subject));
        Assert.Contains(app.Logs.Entries, entry => entry.Level >= LogLevel.Warning && entry.Text.Contains($"user.{_user}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Moving_to_another_folder_breaks_no_session()
    {
        await using var person = await MailClient.ConnectAsync(server, _user);
        await person.CreateAsync("Done");
        await using var app = await StartAsync("move:INBOX.Done");
        for (var i = 1; i <= 5; i++)
        {
            await server.DeliverAsync(_user, [OddMessages.Plain($"n{i}")]);
            await app.Logs.WaitForAsync(408, times: i);
        }

        Assert.Equal(5, (await person.MessagesAsync("Done")).Count);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId is 305 or 406 && entry.Text.Contains("INBOX.Done", StringComparison.Ordinal));
    }

    [Fact]
    public async Task STATUS_says_a_true_MAILBOXID_only_when_it_is_asked_for_nothing_else()
    {
        await using var client = await RawImap.LogInAsync(server.Account(_user, ImapSecurity.None));
        var id = IdIn(await client.AskAsync("CREATE INBOX.Done"));
        var (alone, together) = (new List<string>(), new List<string>());
        while (alone.Count < 20)
        {
            alone.Add(IdIn(await client.AskAsync("STATUS INBOX.Done (MAILBOXID)")));
            together.Add(IdIn(await client.AskAsync("STATUS INBOX.Done (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID)")));
        }

        Assert.All(alone, one => Assert.Equal(id, one));
        Assert.Contains(together, one => one != id);

        static string IdIn(IReadOnlyList<string> answer)
        {
            var text = string.Join('\n', answer);
            return text[text.IndexOf("MAILBOXID (", StringComparison.Ordinal)..].Split('(', ')')[1];
        }
    }

    public void Dispose() => _state.Delete(recursive: true);

    private async Task<FunctionApp> StartAsync(string onSuccess) => await (await FunctionApp.StartAsync(
        typeof(Metadata),
        _inbox,
        [.. server.Settings(_user), new("ON_SUCCESS", onSuccess), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)])).WatchingAsync();

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnSuccess = "%ON_SUCCESS%")] ImapEvent mail) => inbox.Add(mail);
    }
}
