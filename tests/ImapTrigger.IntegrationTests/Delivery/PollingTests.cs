using System.Globalization;
using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.Testing;

namespace ImapTrigger.IntegrationTests.Delivery;

/// <summary>Servers that lack what the trigger would like to have.</summary>
public sealed class PollingTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Fact]
    public async Task A_server_without_IDLE_is_polled()
    {
        await using var server = ImapTestServer.Start(new ImapTestServerOptions { Without = ["IDLE", "ID", "NAMESPACE", "UIDPLUS", "LITERAL+", "SASL-IR"] });
        var account = server.AddAccount("polled", "secret");
        var inbox = new Inbox<ImapEvent>();
        await using var app = await (await FunctionApp.StartAsync(
            typeof(Metadata),
            inbox,
            [
                new("Imap:host", server.Host), new("Imap:port", server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"),
                new("Imap:userName", "polled"), new("Imap:password", "secret"), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
            ],
            options => options.PollInterval = TimeSpan.FromSeconds(1))).WatchingAsync();
        account.Inbox.Append(OddMessages.Plain("first"));
        await inbox.WaitForAsync(1);
        account.Inbox.Append(OddMessages.Plain("second"));
        Assert.Equal(["first", "second"], (await inbox.WaitForAsync(2)).Select(mail => mail.Subject));
        Assert.DoesNotContain(server.Commands, command => command.Text == "IDLE");
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == 300 && entry.Text.Contains("polling", StringComparison.Ordinal));
    }

    public void Dispose() => _state.Delete(recursive: true);

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
