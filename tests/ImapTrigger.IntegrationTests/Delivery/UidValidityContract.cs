using ImapTrigger.IntegrationTests.Hosting;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Supervision;
using Microsoft.Extensions.Logging;

namespace ImapTrigger.IntegrationTests.Delivery;

/// <summary>INBOX is numbered anew, as after a restore: the policy decides what of it is new.</summary>
public abstract class UidValidityContract(IMailServer server) : IDisposable
{
    private static readonly Backoff Never = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1));
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Theory]
    [InlineData(UidValidityPolicy.Continue, "open,new")]
    [InlineData(UidValidityPolicy.StartOver, "old,done,open,new")]
    [InlineData(UidValidityPolicy.Skip, "")]
    public async Task When_UIDVALIDITY_changes_the_policy_decides(UidValidityPolicy policy, string delivered)
    {
        await AppendAsync("old", DateTimeOffset.Now.AddDays(-3));
        var before = new Inbox<ImapEvent> { Fails = mail => mail.Subject == "open" };
        await using (var app = await StartAsync(before, policy))
        {
            await AppendAsync("done");
            await AppendAsync("open");
            await app.Logs.WaitForAsync(401);
            await app.Logs.WaitForAsync(408);
        }

        await server.RenumberAsync(_user);
        await AppendAsync("new");
        var after = new Inbox<ImapEvent>();
        await using var again = await StartAsync(after, policy);
        await AppendAsync("later");
        string[] wanted = [.. delivered.Split(',', StringSplitOptions.RemoveEmptyEntries), "later"];
        Assert.Equal(wanted, (await after.WaitForAsync(wanted.Length)).Select(mail => mail.Subject));
        Assert.Contains(again.Logs.Entries, entry => entry is { EventId: 302, Level: LogLevel.Warning } && entry.Text.Contains($"{policy}", StringComparison.Ordinal));
        Assert.DoesNotContain(before.Got.Select(mail => mail.UidValidity), after.Got.Select(mail => mail.UidValidity).Contains);
    }

    public void Dispose()
    {
        _state.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private async Task AppendAsync(string subject, DateTimeOffset? internalDate = null)
    {
        await using var person = await MailClient.ConnectAsync(server, _user);
        await person.AppendAsync("INBOX", OddMessages.Plain(subject), internalDate: internalDate);
    }

    private async Task<FunctionApp> StartAsync(Inbox<ImapEvent> inbox, UidValidityPolicy policy)
    {
        var app = await FunctionApp.StartAsync(
            typeof(Metadata),
            inbox,
            [.. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)],
            options => options.OnUidValidityChange = policy,
            Never);
        return await app.WatchingAsync();
    }

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
