using ImapTrigger.IntegrationTests.Delivery;
using ImapTrigger.IntegrationTests.Servers;
using MailKit;
using MimeKit;

namespace ImapTrigger.IntegrationTests.Hosting;

/// <summary>What a function says is to become of a message is what becomes of it, on whatever server, and whatever type its parameter has; another client sees it.</summary>
public abstract class VerdictContract(IMailServer server) : IDisposable
{
    private readonly string _user = $"user-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("imaptrigger-state-");

    [Theory]
    [InlineData(typeof(OfEvent))]
    [InlineData(typeof(OfText))]
    [InlineData(typeof(OfMessage))]
    [InlineData(typeof(OfBytes))]
    [InlineData(typeof(OfClass))]
    public async Task The_mailbox_is_at_the_end_what_the_verdicts_said(Type functions)
    {
        await using var person = await MailClient.ConnectAsync(server, _user);
        await person.CreateAsync("Done");
        var done = server.Traits.PathOf("Done");
        // Somebody else's, flagged and not expunged: a plain EXPUNGE would take it along.
        await person.AppendAsync("INBOX", OddMessages.Plain("other"), MessageFlags.Deleted);
        await using var app = await (await FunctionApp.StartAsync(
            functions,
            new Inbox<string>(),
            [.. server.Settings(_user), new("AzureWebJobs:extensions:imapIdle:localStatePath", _state.FullName)],
            options => options.MaxConcurrentCalls = 1)).WatchingAsync();
        string[] said = ["nothing", "done", "seen", "keyword:Handled", "delete", $"copy:{done}", $"keyword:x; move:{done}", $"seen; copy:{done}; delete", "move:INBOX", "copy:INBOX", "poison:No order.", "move:No such folder"];
        await server.DeliverAsync(_user, said.Select(OddMessages.Plain));
        await app.Logs.WaitForAsync(408, said.Length);

        var inbox = (await person.MessagesAsync("INBOX")).ToDictionary(message => message.Envelope!.Subject!, message => $"{(message.Flags!.Value.HasFlag(MessageFlags.Seen) ? "seen " : "")}{string.Join(' ', message.Keywords)}");
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["other"] = "", ["nothing"] = "OnSuccess", ["done"] = "", ["seen"] = "seen ", ["keyword:Handled"] = "Handled", [$"copy:{done}"] = "", ["move:INBOX"] = "", ["copy:INBOX"] = "",
                ["poison:No order."] = "", ["move:No such folder"] = "",
            }.Order(Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key))),
            inbox.Order(Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key))));
        Assert.Equal(
            new[] { $"copy:{done}", $"keyword:x; move:{done}", $"seen; copy:{done}; delete" }.Order(), (await person.MessagesAsync("Done")).Select(message => message.Envelope!.Subject).Order());
        Assert.Equal(3, app.Logs.Entries.Count(entry => entry.EventId == 406));
        Assert.Single(app.Logs.Entries, entry => entry.EventId == 432);
        Assert.Single(_state.GetFiles("*.eml", SearchOption.AllDirectories));
    }

    public void Dispose()
    {
        _state.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string? Said(string? subject) => subject == "nothing" ? null : subject;

    private sealed class OfEvent
    {
        public MailVerdict? OnMail([ImapIdleTrigger(Verdicts = true, OnSuccess = "keyword:OnSuccess")] ImapEvent mail) => Said(mail.Subject) is { } said ? MailVerdict.Parse(said) : null;
    }

    private sealed class OfText
    {
        public async Task<object?> OnMail([ImapIdleTrigger(Verdicts = true, OnSuccess = "keyword:OnSuccess")] string mail)
        {
            await Task.Yield();
            return Said((string?)Newtonsoft.Json.Linq.JObject.Parse(mail)["subject"]);
        }
    }

    private sealed class OfMessage
    {
        public Task<string?> OnMail([ImapIdleTrigger(Verdicts = true, OnSuccess = "keyword:OnSuccess")] MimeMessage mail) => Task.FromResult(Said(mail.Subject));
    }

    private sealed class OfBytes
    {
        public string? OnMail([ImapIdleTrigger(Verdicts = true, OnSuccess = "keyword:OnSuccess")] byte[] mail) => Said(MimeMessage.Load(new MemoryStream(mail)).Subject);
    }

    private sealed class OfClass
    {
        public string? OnMail([ImapIdleTrigger(Verdicts = true, OnSuccess = "keyword:OnSuccess")] Mine mail) => Said(mail.Subject);
    }

    private sealed record Mine(string? Subject);
}
