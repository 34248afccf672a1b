using System.Globalization;
using System.Text;
using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;
using ImapTrigger.Testing;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>An after-action that would move messages into the folder that is watched, by whatever name, is found before it makes a loop (f07).</summary>
public sealed class MoveToItselfTests(DovecotServer dovecot) : IClassFixture<DovecotServer>, IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");
    private readonly ImapTestServer _server = ImapTestServer.Start();
    private readonly Inbox<ImapEvent> _inbox = new();

    [Theory]
    [InlineData("INBOX", "move:inbox", "none")]
    [InlineData("inbox", "none", "move:INBOX")]
    [InlineData("Entwürfe", "move:Entw&APw-rfe", "none")]
    [InlineData("Archive/2026", "move:Archive/2026/", "none")]
    public async Task What_can_be_known_without_the_server_ends_the_start(string folder, string onSuccess, string onPoison)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(InProcess(), folder, onSuccess, onPoison));
        Assert.Contains("which is the folder that is watched", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Inbox", "Link")]
    [InlineData("Orders", "Alias/Orders")]
    public async Task On_a_real_server_another_name_of_the_folder_is_refused_once_and_the_messages_stay(string folder, string target)
    {
        var user = target == "Link" ? "linked" : "aliased";
        await dovecot.DeliverAsync(user, [OddMessages.Plain("old")]);
        await dovecot.AddFolderAsync(user, "Orders");
        dovecot.AddLinkToInbox(user, "Link");
        await AppendAsync(user, folder, "old");
        await using var app = await (await StartAsync(dovecot.Settings(user), folder, $"move:{target}")).WatchingAsync();
        await AppendAsync(user, folder, "one");
        await AppendAsync(user, folder, "two");
        await app.Logs.WaitForAsync(408, times: 2);
        await AppendAsync(user, folder, "three");
        await app.Logs.WaitForAsync(408, times: 3);
        Assert.Equal(["one", "two", "three"], _inbox.Got.Select(mail => mail.Subject));
        AssertRefusedOnce(app, target);
    }

    [Fact]
    public async Task On_a_real_server_another_folder_is_another_folder()
    {
        await dovecot.DeliverAsync("moves", [OddMessages.Plain("old")]);
        await dovecot.AddFolderAsync("moves", "Done");
        await using var app = await (await StartAsync(dovecot.Settings("moves"), "INBOX", "move:Done")).WatchingAsync();
        await dovecot.DeliverAsync("moves", [OddMessages.Plain("one"), OddMessages.Plain("two")]);
        await app.Logs.WaitForAsync(408, times: 2);
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.EventId == 406);
        await using var session = await ImapTrigger.Imap.ImapSession.ConnectAsync(dovecot.Account("moves"), TestContext.Current.CancellationToken);
        Assert.Equal(2, (await session.SelectAsync("Done", TestContext.Current.CancellationToken)).Count);
    }

    /// <summary>RFC 8474: one MAILBOXID is one folder, and two are two, whatever else they have in common.</summary>
    [Theory]
    [InlineData("F1", true)]
    [InlineData("F2", false)]
    public async Task By_MAILBOXID_a_folder_is_known_for_certain(string id, bool refused)
    {
        var account = _server.AddAccount("ann", "secret");
        account.AddFolder("Other");
        // Offered after the login, as by some servers.
        _server.Faults.Answer = command => command.Text switch
        {
            "CAPABILITY" => Text($"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE OBJECTID\r\n{command.Tag} OK Done\r\n"),
            "SELECT INBOX" => Text($"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n* OK [MAILBOXID (F1)] .\r\n{command.Tag} OK [READ-WRITE] Done\r\n"),
            _ when command.Text.StartsWith("STATUS ", StringComparison.Ordinal) => Text($"* STATUS Other (UIDVALIDITY 7 UIDNEXT 9 MESSAGES 5 MAILBOXID ({id}))\r\n{command.Tag} OK Done\r\n"),
            _ => null,
        };
        await using var session = await ImapTrigger.Imap.ImapSession.ConnectAsync(
            new ImapAccount { Host = "localhost", Port = _server.Port, Security = ImapSecurity.None, UserName = "ann", Password = "secret" }, TestContext.Current.CancellationToken);
        await session.SelectAsync("INBOX", writable: true, TestContext.Current.CancellationToken);
        if (refused)
            Assert.Equal(ImapTrigger.Imap.ActionOutcome.ToItself, await session.MoveAsync(1, "Other", TestContext.Current.CancellationToken));
        else
            await Assert.ThrowsAsync<ImapTrigger.Imap.ImapSessionException>(() => session.MoveAsync(1, "Other", TestContext.Current.CancellationToken));
        Assert.Equal(!refused, _server.Commands.Any(command => command.Text.StartsWith("UID MOVE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_turns_out_only_when_a_message_comes_back_is_refused_from_then_on()
    {
        var account = _server.AddAccount("ann", "secret");
        // A name that STATUS does not show to be the inbox; what is moved there is in the inbox again.
        account.AddFolder("Odd");
        _server.Faults.Answer = command =>
        {
            if (!command.Text.StartsWith("UID MOVE ", StringComparison.Ordinal))
                return null;
            var from = account.Inbox.Messages[0];
            var to = account.Inbox.Append(from.Raw.ToArray());
            account.Inbox.Expunge(from.Uid);
            return Text(string.Create(CultureInfo.InvariantCulture, $"* OK [COPYUID {account.Inbox.UidValidity} {from.Uid} {to}] Moved\r\n{command.Tag} OK Done\r\n"));
        };
        await using var app = await (await StartAsync(InProcess(), "INBOX", "move:Odd")).WatchingAsync();
        account.Inbox.Append(OddMessages.Plain("one"));
        // It comes once more, for it has another number now, and is left alone then.
        await app.Logs.WaitForAsync(408, times: 2);
        // Another session has nothing to learn it by.
        _server.Faults.Disconnect();
        account.Inbox.Append(OddMessages.Plain("two"));
        await app.Logs.WaitForAsync(408, times: 3);
        Assert.Equal(["one", "one", "two"], _inbox.Got.Select(mail => mail.Subject));
        Assert.Single(_server.Commands, command => command.Text.StartsWith("UID MOVE ", StringComparison.Ordinal));
        AssertRefusedOnce(app, "Odd");
    }

    [Fact]
    public async Task The_server_is_asked_once_in_a_session_and_not_for_each_message()
    {
        var account = _server.AddAccount("ann", "secret");
        account.AddFolder("Done");
        await using var app = await (await StartAsync(InProcess(), "INBOX", "move:Done")).WatchingAsync();
        account.Inbox.AppendAll(Enumerable.Range(0, 10).Select(i => OddMessages.Plain($"n{i}")));
        await app.Logs.WaitForAsync(408, times: 10);
        Assert.Single(_server.Commands, command => command.Text.StartsWith("STATUS Done ", StringComparison.Ordinal));
        Assert.Equal(10, account.Folders.Single(folder => folder.Name == "Done").Messages.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private static void AssertRefusedOnce(FunctionApp app, string target)
    {
        var refusal = Assert.Single(app.Logs.Entries, entry => entry.EventId == 406);
        Assert.Equal(LogLevel.Error, refusal.Level);
        Assert.Contains($"'{target}' is another name of the folder that is watched", refusal.Text, StringComparison.Ordinal);
    }

    private async Task AppendAsync(string user, string folder, string subject)
    {
        var account = dovecot.Account(user, ImapSecurity.None);
        using var client = new ImapClient();
        await client.ConnectAsync(account.Host, account.Port!.Value, SecureSocketOptions.None, TestContext.Current.CancellationToken);
        await client.AuthenticateAsync(user, account.Password!, TestContext.Current.CancellationToken);
        using var raw = new MemoryStream(OddMessages.Plain(subject));
        await (await client.GetFolderAsync(folder, TestContext.Current.CancellationToken)).AppendAsync(await MimeMessage.LoadAsync(raw), MessageFlags.None, TestContext.Current.CancellationToken);
    }

    private static MemoryStream Text(string text) => new(Encoding.ASCII.GetBytes(text));

    private Dictionary<string, string?> InProcess() => new()
    {
        ["Imap:host"] = _server.Host, ["Imap:port"] = _server.Port.ToString(CultureInfo.InvariantCulture), ["Imap:security"] = "none", ["Imap:userName"] = "ann", ["Imap:password"] = "secret",
    };

    private Task<FunctionApp> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings, string folder, string onSuccess, string onPoison = "none") => FunctionApp.StartAsync(
        typeof(Functions), _inbox,
        [.. settings, new("FOLDER", folder), new("ON_SUCCESS", onSuccess), new("ON_POISON", onPoison), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)]);

    private sealed class Functions(Inbox<ImapEvent> inbox)
    {
        public void OnMail([ImapIdleTrigger("%FOLDER%", OnSuccess = "%ON_SUCCESS%", OnPoison = "%ON_POISON%")] ImapEvent mail) => inbox.Add(mail);
    }
}
