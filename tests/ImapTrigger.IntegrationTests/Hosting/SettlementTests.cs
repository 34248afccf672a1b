using System.Globalization;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.Supervision;
using ImapTrigger.Testing;
using Microsoft.Azure.WebJobs;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What becomes of a message once its event is settled: after-actions where something lacks, poison, replay.</summary>
public sealed class SettlementTests : IAsyncDisposable
{
    private static readonly Backoff Quick = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private ImapTestServer? _server;

    [Fact]
    public async Task Without_MOVE_a_message_is_copied_and_expunged_and_that_one_alone()
    {
        var account = Start("MOVE");
        account.AddFolder("Done");
        // Somebody else's, flagged and not expunged: a plain EXPUNGE would take it along.
        var other = account.Inbox.Append(OddMessages.Plain("other"), [@"\Deleted"]);
        await using var app = await StartAsync(typeof(Metadata), new Inbox<ImapEvent>(), "move:Done");
        account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(408);
        Assert.Equal(other, Assert.Single(account.Inbox.Messages).Uid);
        Assert.Single(account.Folders.Single(folder => folder.Name == "Done").Messages);
    }

    [Fact]
    public async Task Without_UIDPLUS_a_message_is_only_flagged_and_nothing_is_expunged()
    {
        var account = Start("UIDPLUS", "MOVE");
        account.AddFolder("Done");
        var other = account.Inbox.Append(OddMessages.Plain("other"), [@"\Deleted"]);
        await using var app = await StartAsync(typeof(Metadata), new Inbox<ImapEvent>(), "move:Done");
        var uid = account.Inbox.Append(OddMessages.Plain("one"));
        await app.Logs.WaitForAsync(408);
        Assert.Equal([other, uid], account.Inbox.Messages.Select(message => message.Uid));
        Assert.Contains(@"\Deleted", account.Inbox.Messages[1].Flags);
        Assert.Single(account.Folders.Single(folder => folder.Name == "Done").Messages);
        Assert.Contains(app.Logs.Entries, entry => entry.EventId == 307);
        Assert.DoesNotContain(_server!.Commands, command => command.Text.StartsWith("EXPUNGE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_the_last_attempt_a_message_is_put_aside_whole_and_comes_back_when_wanted()
    {
        var account = Start();
        account.AddFolder("Poison");
        var inbox = new Inbox<MimeMessage> { Fails = mail => mail.Subject == "bad" };
        string record;
        await using (var app = await StartAsync(typeof(Whole), inbox, onPoison: "move:Poison"))
        {
            account.Inbox.Append(OddMessages.Plain("bad"));
            account.Inbox.Append(OddMessages.Plain("good"));
            await app.Logs.WaitForAsync(408, times: 2);
            Assert.Equal(["bad", "bad", "bad", "good"], inbox.Got.Select(mail => mail.Subject).Order());
            Assert.Contains(app.Logs.Entries, entry => entry is { EventId: 404, Level: LogLevel.Error });
            Assert.Single(account.Folders.Single(folder => folder.Name == "Poison").Messages);
            Assert.Equal(OddMessages.Plain("good"), Assert.Single(account.Inbox.Messages).Raw.ToArray());
            record = Assert.Single(_state.GetFiles("*.json", SearchOption.AllDirectories), file => file.FullName.Contains("/poison/", StringComparison.Ordinal)).FullName;
            Assert.Equal(OddMessages.Plain("bad"), await File.ReadAllBytesAsync(Path.ChangeExtension(record, "eml"), TestContext.Current.CancellationToken));
            Assert.Contains("Not this one.", await File.ReadAllTextAsync(record, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        // As a person would; the message itself has gone to another folder by now.
        var replay = record.Replace("/poison/", "/replay/", StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(replay)!);
        File.Copy(record, replay);
        var later = new Inbox<MimeMessage>();
        await using var again = await StartAsync(typeof(Whole), later);
        Assert.Equal("bad", Assert.Single(await later.WaitForAsync(1)).Subject);
        await again.Logs.WaitForAsync(408);
        Assert.False(File.Exists(record) || File.Exists(replay));
    }

    [Fact]
    public async Task A_function_that_ends_the_process_each_time_meets_the_limit_too()
    {
        var account = Start();
        KeyValuePair<string, string?>[] settings = [.. Settings("none", "none"), new("AzureWebJobs:extensions:imapIdle:maxAttempts", "3"), new("AzureWebJobs:extensions:imapIdle:stateName", "crash")];
        await using (var first = HostProcess.Start(settings))
            await first.WaitForLogAsync(300);
        account.Inbox.Append(OddMessages.Plain("FailFast"));
        account.Inbox.Append(OddMessages.Plain("good"));
        // The first crash comes after a proper end, so it may be too quick to be recorded.
        var attempts = new List<int>();
        while (attempts.Count < 4 && !attempts.Contains(3))
        {
            await using var crashing = HostProcess.Start(settings);
            await crashing.WaitForExitAsync();
            attempts.Add(Assert.Single(crashing.Calls).Attempt);
        }

        Assert.Equal([1, 2, 3], attempts.Distinct());

        await using var last = HostProcess.Start(settings);
        await last.WaitForLogAsync(404);
        await last.WaitForAsync(() => last.Calls.Count == 1, "the good one");
        Assert.Equal(2u, last.Calls[0].Uid);
    }

    [Fact]
    public async Task A_retry_policy_of_the_host_counts_as_one_attempt()
    {
        var account = Start();
        var inbox = new Inbox<ImapEvent>();
        inbox.Fails = _ => inbox.Got.Count < 3;
        await using var app = await StartAsync(typeof(RetriedByTheHost), inbox);
        account.Inbox.Append(OddMessages.Plain("bad"));
        await app.Logs.WaitForAsync(408);
        Assert.Equal([1, 1, 1], inbox.Got.Select(mail => mail.Attempt));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId == 401);
    }

    [Theory]
    [InlineData("move:INBOX", "folder that is watched")]
    [InlineData("mvoe:Done", "none of none, seen")]
    [InlineData("keyword:a b", "keyword:Name")]
    public async Task A_mistake_in_an_action_ends_the_start(string action, string named)
    {
        Start();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(typeof(Metadata), new Inbox<ImapEvent>(), action));
        Assert.Contains(named, error.ToString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private ImapTestAccount Start(params string[] without)
    {
        _server = ImapTestServer.Start(new ImapTestServerOptions { Without = without });
        return _server.AddAccount("ann", "secret");
    }

    private KeyValuePair<string, string?>[] Settings(string onSuccess, string onPoison) =>
    [
        new("Imap:host", _server!.Host), new("Imap:port", _server.Port.ToString(CultureInfo.InvariantCulture)), new("Imap:security", "none"),
        new("Imap:userName", "ann"), new("Imap:password", "secret"), new("ON_SUCCESS", onSuccess), new("ON_POISON", onPoison),
        new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName),
    ];

    private async Task<FunctionApp> StartAsync(
        Type functions, object inbox, string onSuccess = "none", string onPoison = "none")
    {
        var app = await FunctionApp.StartAsync(functions, inbox, Settings(onSuccess, onPoison), options => options.MaxAttempts = 3, Quick);
        return await app.WatchingAsync();
    }

    private sealed class Metadata(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnSuccess = "%ON_SUCCESS%", OnPoison = "%ON_POISON%")] ImapEvent mail) => inbox.Add(mail);
    }

    private sealed class Whole(Inbox<MimeMessage> inbox)
    {
        public void OnMail([ImapIdleTrigger(OnPoison = "%ON_POISON%")] MimeMessage mail) => inbox.Add(mail);
    }

    private sealed class RetriedByTheHost(Inbox<ImapEvent> inbox)
    {
        [FixedDelayRetry(5, "00:00:00.050")]
        public void OnMail([ImapIdleTrigger] ImapEvent mail) => inbox.Add(mail);
    }
}
